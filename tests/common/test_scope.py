"""The only way into tenant-owned rows."""

import pytest
from django_scopes.exceptions import ScopeError as NoScopeError

from accounts.models import Membership
from common.ids import uuid7
from common.scope import ScopeError, tenant_scope
from tests.factories.cast import make_member, make_tenant

pytestmark = pytest.mark.django_db


@pytest.mark.req("X-15")
def test_a_query_outside_a_scope_raises() -> None:
    with pytest.raises(NoScopeError):
        Membership.objects.count()


def test_a_scope_shows_its_tenant_only() -> None:
    ours, theirs = make_tenant(), make_tenant()
    make_member(ours, "owner")
    make_member(theirs, "owner")
    with tenant_scope(ours.id):
        assert [m.tenant_id for m in Membership.objects.all()] == [ours.id]


def test_the_scope_of_another_tenant_cannot_be_opened_inside_one() -> None:
    with tenant_scope(uuid7()), pytest.raises(ScopeError), tenant_scope(uuid7()):
        pass


def test_none_is_not_all_tenants() -> None:
    with pytest.raises(ScopeError), tenant_scope(None):  # type: ignore[arg-type]  # the point of the test
        pass


@pytest.mark.postgres
@pytest.mark.req("X-15")
def test_the_database_hides_other_tenants_even_without_the_managers() -> None:
    ours, theirs = make_tenant(), make_tenant()
    make_member(ours, "owner")
    make_member(theirs, "owner")
    with tenant_scope(ours.id):
        rows = Membership._base_manager.values_list("tenant_id", flat=True)
        assert set(rows) == {ours.id}
