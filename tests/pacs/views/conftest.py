"""Who looks at the pages: one tenant with its people, and a stranger of another one."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from accounts import selectors as accounts
from accounts.models import Tenant
from pacs import worklist
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant

Enter = Callable[[str], Client]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def enter(tenant: Tenant) -> Enter:
    """Sign a new person of a role in, in a browser of their own."""
    return lambda role: enter_as(tenant, role)


@pytest.fixture
def stranger() -> Client:
    """An owner, who may do everything, of another tenant."""
    return enter_as(make_tenant(), "owner")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    accounts.forget()
    worklist.forget()
    yield
    accounts.forget()
    worklist.forget()
