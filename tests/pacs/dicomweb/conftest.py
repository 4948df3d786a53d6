"""A tenant with a study, and clients for those who may and may not read it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import Tenant
from common.actor import Actor, ActorKind
from pacs.dicomweb import access
from pacs.models import Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_study
from tests.pacs.dicomweb import acting

TokenClient = Callable[..., Client]


@pytest.fixture(autouse=True)
def _services(settings: Any) -> Iterator[None]:
    settings.ACTOR_RESOLVERS = [*settings.ACTOR_RESOLVERS, "tests.pacs.dicomweb.acting.resolve"]
    yield
    acting.present([])
    access.forget()


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "s", 3)


@pytest.fixture
def token_client(tenant: Tenant) -> TokenClient:
    """Return a client that sends a fresh token of the tenant with the given scopes."""

    def make(*scopes: str, of: Tenant = tenant) -> Client:
        wanted = scopes or ("dicomweb.read", "dicomweb.write", "dicomweb.delete")
        token = accounts.create_token(actor=make_actor(of, "owner"), name="test", scopes=wanted)
        return Client(headers={"Authorization": f"Bearer {token}"})

    return make


@pytest.fixture
def web(token_client: TokenClient) -> Client:
    """A client that may do everything in the tenant."""
    return token_client()


@pytest.fixture
def someone_with(tenant: Tenant) -> Callable[..., Client]:
    """Return a client whose session is a member's with the given roles."""

    def make(*roles: str) -> Client:
        acting.present([Actor(tenant_id=tenant.id, kind=ActorKind.USER, id=tenant.id, roles=frozenset(roles))])
        return Client(enforce_csrf_checks=True)

    return make


@pytest.fixture
def other_tenant() -> Tenant:
    return make_tenant()
