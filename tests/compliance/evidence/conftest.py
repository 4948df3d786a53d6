"""A practice whose measurements are looked at."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from accounts import selectors as accounts
from accounts.models import Tenant
from compliance.evidence import registry
from compliance.evidence.reading import Reading
from compliance.models import Verdict
from tests.factories.cast import make_tenant

Look = Callable[[str], Reading]
Verdicts = Callable[[str], Verdict]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def look(tenant: Tenant) -> Look:
    """Read one probe as the portal does."""
    return lambda probe_id: registry.read(probe_id, tenant_id=tenant.id)


@pytest.fixture
def verdict(look: Look) -> Verdicts:
    """Return only how a probe's value stands to its target."""
    return lambda probe_id: look(probe_id).verdict


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()


@pytest.fixture
def without_triggers(tenant: Tenant) -> None:
    """Take away what makes the access log append-only, inside the transaction of the test."""
    if connection.vendor == "postgresql":
        pytest.skip("only the owner of the table may; the portal's role may not even change a row")
    statements = [f"DROP TRIGGER audit_auditevent_no_{verb}" for verb in ("update", "delete")]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
