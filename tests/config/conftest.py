"""The same people as on the pages of images."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts import selectors as accounts
from accounts.models import Tenant
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def officer(tenant: Tenant) -> Client:
    return enter_as(tenant, "compliance_officer")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()
