"""A group sees the practices of one person's memberships, each by its own roles, and no other."""

import pytest
from django.test import Client

from accounts.models import Membership, Tenant, User
from audit.models import AuditEvent
from common.actor import Actor
from common.scope import tenant_scope
from compliance.group import selectors
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_member, make_tenant
from tests.factories.inventory import add_asset
from tests.factories.vendors import make_vendor

pytestmark = pytest.mark.django_db


def join(actor: Actor, tenant: Tenant, role: str) -> None:
    make_member(tenant, role, email=User.objects.get(id=actor.id).email)


def test_each_membership_counts_by_its_own_role(officer: Actor) -> None:
    sister, foreign, clinic = make_tenant("Sister"), make_tenant("Foreign"), make_tenant("Clinic")
    join(officer, sister, "auditor")
    join(officer, clinic, "dentist")
    make_vendor(make_actor(sister, "owner"))
    make_vendor(make_actor(foreign, "owner"))

    found = {one.name: one.missing_agreements for one in selectors.list_practices(officer)}
    assert found == {"Lakeside": 0, "Sister": 1}


def test_sites_stand_side_by_side(officer: Actor) -> None:
    add_asset(officer, "CBCT", site="North")
    add_asset(officer, "Sensor", site="North")
    add_asset(officer, "Server", site="South")

    (one,) = selectors.list_practices(officer)
    assert [(site.name, site.assets) for site in one.sites] == [("North", 2), ("South", 1)]


def test_the_page_shows_them_and_the_other_practice_logs_it(officer: Actor) -> None:
    sister = make_tenant("Sister practice")
    join(officer, sister, "compliance_officer")
    page = browser_of(officer).get("/compliance/group/").content.decode()

    assert "Sister practice" in page
    with tenant_scope(sister.id):
        assert AuditEvent.objects.filter(action="compliance.group-read", actor_id=officer.id).count() == 1


def test_a_membership_that_ended_shows_nothing(officer: Actor) -> None:
    sister = make_tenant("Sister practice")
    join(officer, sister, "owner")
    with tenant_scope(sister.id):
        Membership.objects.filter(user_id=officer.id).update(is_active=False)

    assert [one.name for one in selectors.list_practices(officer)] == ["Lakeside"]


@pytest.mark.parametrize("role", ["dentist", "technician", "assistant"])
def test_who_reads_no_compliance_sees_no_group(tenant: Tenant, role: str) -> None:
    web: Client = enter_as(tenant, role)

    assert web.get("/compliance/group/").status_code == 403
