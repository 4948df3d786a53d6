"""Who most tests of images are about."""

import pytest

from accounts.models import Tenant
from common.actor import Actor
from tests.factories.cast import make_actor, make_tenant


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def technician(tenant: Tenant) -> Actor:
    return make_actor(tenant, "technician")
