"""A practice and its compliance officer."""

import pytest

from accounts.models import Tenant
from common.actor import Actor
from tests.factories.cast import make_actor, make_tenant


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant("Lakeside")


@pytest.fixture
def officer(tenant: Tenant) -> Actor:
    return make_actor(tenant, "compliance_officer")
