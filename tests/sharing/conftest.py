"""Every test begins with nothing kept in this process."""

from collections.abc import Iterator

import pytest

from accounts import selectors as accounts
from accounts.models import Tenant
from sharing import patients, selectors
from tests.factories.cast import make_tenant


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    for remembered in (selectors, patients, accounts):
        remembered.forget()
    yield
    for remembered in (selectors, patients, accounts):
        remembered.forget()


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()
