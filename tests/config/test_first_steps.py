"""The guide of a new centre."""

import re

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import Tenant
from common.actor import system_actor
from common.scope import tenant_scope
from pacs.models import Study
from tests.factories.browsers import enter_as
from tests.factories.cast import make_member, make_tenant
from tests.factories.patients import admit
from tests.factories.rows import make_report_row
from tests.factories.sharing import share

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def done(client: Client) -> list[str]:
    """Return which steps are ticked."""
    page = client.get("/first-steps/").content.decode()
    steps = re.findall(r'<li data-done="(\w+)">.*?<h2>\s*(.*?)\s*(?:<|\n)', page, re.DOTALL)
    return [title for is_done, title in steps if is_done == "yes"]


def test_in_a_new_centre_nothing_is_ticked(tenant: Tenant) -> None:
    assert done(enter_as(tenant, "owner")) == []


def test_each_step_is_ticked_by_what_is_there(tenant: Tenant) -> None:
    owner = enter_as(tenant, "owner")
    make_member(tenant, "dentist")
    assert done(owner) == ["Invite your colleagues"]
    link = share(tenant)
    with tenant_scope(tenant.id):
        study = Study.objects.get(id=link.study_ids[0])
    assert {"Store the first study", "Send the first link"} <= set(done(owner))
    make_report_row(study, "signed")
    assert "Have the first report signed" in done(owner)
    admit(tenant, study)
    assert "Let the first patient in" in done(owner)
    accounts.create_token(actor=system_actor(tenant.id), name="scanner", scopes=["dicomweb.write"])
    assert len(done(owner)) == 6


def test_what_another_tenant_has_ticks_nothing(tenant: Tenant) -> None:
    share(make_tenant())

    assert done(enter_as(tenant, "owner")) == []


def test_a_step_that_is_somebody_elses_has_no_way_to_it(tenant: Tenant) -> None:
    pages = {role: enter_as(tenant, role).get("/first-steps/").content.decode() for role in ("owner", "radiologist")}

    assert 'href="/people/"' in pages["owner"]
    assert 'href="/people/"' not in pages["radiologist"]
    assert "Begin: Have the first report signed" not in pages["owner"]
    assert "Begin: Have the first report signed" in pages["radiologist"]
    assert all("Somebody with another role does this." in page for page in pages.values())


def test_a_new_centre_begins_with_its_first_steps(tenant: Tenant) -> None:
    owner = enter_as(tenant, "owner")

    assert owner.get("/")["Location"] == "/first-steps/"
    share(tenant)
    assert owner.get("/")["Location"] == "/studies/"
