"""Members, sites, tokens, address book: the pages of those who manage a tenant."""

import datetime as dt
import re
import threading
import time
from contextlib import suppress
from functools import partial

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from accounts import access, resolve, selectors, services, tokens
from accounts.errors import ReferrerExistsError, SiteExistsError, TokenTermsError
from accounts.models import ApiToken, Membership, Referrer, Site, Tenant
from accounts.services import Card
from common.actor import Actor
from common.clock import now
from common.errors import ForbiddenError, NotFoundError
from common.scope import tenant_scope
from tests.factories.browsers import enter_as
from tests.factories.cast import make_actor, make_member, make_tenant
from tests.factories.people import actions, make_person
from tests.factories.sharing import in_parallel, make_study

pytestmark = pytest.mark.django_db
CARD = Card(name="Dr. Wanda Reich", email="wanda@praxis.example", practice="Praxis am Markt", phone="+43 1 234")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


# --- members ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
def test_the_list_says_who_works_here_and_who_lacks_a_second_factor(tenant: Tenant) -> None:
    person = make_person(tenant, "technician", "assistant", email="t@example.org")
    make_member(tenant, "dentist", email="d@example.org")
    services.deactivate_member(actor=make_actor(tenant, "owner"), user_id=person.user.id)
    page = text(enter_as(tenant, "administrator").get("/people/"))
    assert "Technician, Assistant" in page
    assert page.count("no second factor yet") == 2
    assert "deactivated" in page


def test_the_list_asks_no_more_questions_when_there_are_more_people(
    tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = enter_as(tenant, "owner")
    for _ in range(12):
        make_member(tenant, "dentist")
    client.get("/people/")
    with django_assert_max_num_queries(20):
        client.get("/people/")


def test_roles_and_sites_are_changed_on_the_page_of_a_member(tenant: Tenant) -> None:
    owner = make_actor(tenant, "owner")
    member, site = make_member(tenant, "technician"), services.add_site(actor=owner, name="North")
    client = enter_as(tenant, "administrator")
    client.post(f"/people/{member.id}/", {"roles": ["dentist", "radiologist"], "sites": [str(site)]})
    with tenant_scope(tenant.id):
        found = selectors.get_member(member.id)
    assert (found.roles, found.sites) == (("radiologist", "dentist"), ("North",))


def test_a_deactivated_member_is_let_in_again_by_choosing_roles(tenant: Tenant) -> None:
    owner, member = make_actor(tenant, "owner"), make_member(tenant, "technician")
    services.deactivate_member(actor=owner, user_id=member.id)
    services.change_member(actor=owner, user_id=member.id, roles=["technician"], site_ids=[])
    assert selectors.roles_in(user_id=member.id, tenant_id=tenant.id) == {"technician"}


@pytest.mark.req("PA-06")
def test_a_deactivated_person_is_out_at_once(tenant: Tenant) -> None:
    actor = make_actor(tenant, "technician")
    services.deactivate_member(actor=make_actor(tenant, "owner"), user_id=actor.id)
    assert selectors.roles_in(user_id=actor.id, tenant_id=tenant.id) == frozenset()


def test_an_administrator_gives_nobody_the_role_of_an_owner(tenant: Tenant) -> None:
    member = make_member(tenant, "technician")
    answer = enter_as(tenant, "administrator").post(f"/people/{member.id}/", {"roles": ["owner"]})
    assert answer.status_code == 422
    with tenant_scope(tenant.id):
        assert not Membership.objects.filter(user=member, role="owner").exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_administrator_takes_no_role_of_an_owner_who_was_made_a_moment_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make_tenant()
    member, required = make_member(tenant, "technician"), access.require
    owner, administrator = make_actor(tenant, "owner"), make_actor(tenant, "administrator")

    def require_late(actor: Actor, action: str) -> None:
        required(actor, action)
        time.sleep(1.0 if actor == administrator else 0)

    monkeypatch.setattr(access, "require", require_late)
    promote = partial(services.change_member, actor=owner, user_id=member.id, roles=["owner"], site_ids=[])
    remove = partial(services.deactivate_member, actor=administrator, user_id=member.id)

    assert in_parallel([promote, remove], threads=2) == [None, "owners-only"]


@pytest.mark.parametrize("path", ["/people/", "/tokens/", "/sites/", "/settings/"])
@pytest.mark.parametrize("role", ["technician", "radiologist", "dentist", "assistant", "compliance_officer", "auditor"])
def test_managing_is_for_those_who_manage(tenant: Tenant, path: str, role: str) -> None:
    assert enter_as(tenant, role).get(path).status_code == 403


def test_the_menu_shows_what_a_role_manages(tenant: Tenant) -> None:
    assert 'href="/tokens/"' in text(enter_as(tenant, "administrator").get("/account/"))
    assert 'href="/tokens/"' not in text(enter_as(tenant, "technician").get("/account/"))


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    form = {
        "name": "CBCT scanner",
        "scopes": ["dicomweb.write"],
        "days": "30",
        "networks": "192.0.2.0/24 2001:db8::/32",
    }
    shown = re.findall(r"dpt_[0-9a-f]{32}_[\w-]{43}", text(client.post("/tokens/", form)))
    listed = text(client.get("/tokens/"))
    assert len(shown) == 1
    assert shown[0] not in listed
    assert "CBCT scanner" in listed
    assert "192.0.2.0/24, 2001:db8::/32" in listed


def test_a_token_ends_when_it_was_said_to(tenant: Tenant) -> None:
    services.create_token(actor=make_actor(tenant, "owner"), name="x", scopes=["api.read"], days=30)
    with tenant_scope(tenant.id):
        assert ApiToken.objects.get().expires_at - now() < dt.timedelta(days=30)


@pytest.mark.parametrize(("days", "networks"), [(0, []), (366, []), (5, ["not a network"]), (5, ["300.1.1.1/8"])])
def test_terms_beyond_the_limits_are_refused(tenant: Tenant, days: int, networks: list[str]) -> None:
    with pytest.raises(TokenTermsError):
        services.create_token(
            actor=make_actor(tenant, "owner"), name="x", scopes=["api.read"], days=days, networks=networks
        )


@pytest.mark.parametrize(("address", "expected"), [("192.0.2.9", 1), ("198.51.100.1", 0), ("2001:db8::1", 0), ("", 0)])
def test_a_token_works_from_its_networks_only(tenant: Tenant, address: str, expected: int) -> None:
    token = services.create_token(
        actor=make_actor(tenant, "owner"), name="x", scopes=["api.read"], networks=["192.0.2.0/24"]
    )
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"}, REMOTE_ADDR=address)
    assert len(resolve.from_token(request)) == expected


def test_the_list_says_when_a_token_was_used_last(tenant: Tenant) -> None:
    token = services.create_token(actor=make_actor(tenant, "owner"), name="x", scopes=["dicomweb.read"])
    client = enter_as(tenant, "owner")
    before = text(client.get("/tokens/"))
    Client(headers={"Authorization": f"Bearer {token}"}).get("/dicom-web/studies")
    assert "never" in before
    assert "never" not in text(client.get("/tokens/"))


def test_a_revoked_token_is_answered_as_no_credential(tenant: Tenant) -> None:
    token = services.create_token(actor=make_actor(tenant, "owner"), name="x", scopes=["dicomweb.read"])
    parsed = tokens.parse(token)
    assert parsed is not None
    enter_as(tenant, "owner").post(f"/tokens/{parsed.id}/revoke/")
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/dicom-web/studies").status_code == 401


# --- sites ------------------------------------------------------------------------------------------------------------


def test_a_site_is_added_renamed_and_closed(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    client.post("/sites/", {"name": "North", "is_active": "on"})
    with tenant_scope(tenant.id):
        site = Site.objects.get()
    client.post(f"/sites/{site.id}/", {"name": "North wing"})
    with tenant_scope(tenant.id):
        [line] = selectors.list_sites()
    assert (line.name, line.is_active) == ("North wing", False)
    assert [action for action in actions(tenant) if action.startswith("site.")] == ["site.added", "site.changed"]


def test_two_sites_have_two_names(tenant: Tenant) -> None:
    owner = make_actor(tenant, "owner")
    services.add_site(actor=owner, name="North")
    with pytest.raises(SiteExistsError):
        services.add_site(actor=owner, name="north")


def test_two_tenants_may_have_sites_of_the_same_name(tenant: Tenant) -> None:
    other = make_tenant()
    services.add_site(actor=make_actor(tenant, "owner"), name="North")
    services.add_site(actor=make_actor(other, "owner"), name="North")
    with tenant_scope(other.id):
        assert [site.name for site in selectors.list_sites()] == ["North"]


# --- address book -----------------------------------------------------------------------------------------------------


def test_an_entry_is_added_found_changed_and_removed(tenant: Tenant) -> None:
    client = enter_as(tenant, "assistant")
    client.post("/referrers/add/", {"name": "Dr. Wanda Reich", "email": "Wanda@praxis.example", "practice": "Markt"})
    with tenant_scope(tenant.id):
        entry = Referrer.objects.get()
    found = text(client.post("/referrers/", {"search": "reich"}))
    lost = text(client.post("/referrers/", {"search": "nobody"}))
    client.post(f"/referrers/{entry.id}/", {"name": "Dr. W. Reich", "email": entry.email, "phone": "1"})
    changed = text(client.get("/referrers/"))
    client.post(f"/referrers/{entry.id}/remove/")
    assert entry.email == "wanda@praxis.example"
    assert "Dr. Wanda Reich" in found
    assert "Nobody found" in lost
    assert "Dr. W. Reich" in changed
    assert "The address book is empty" in text(client.get("/referrers/"))


def test_a_search_for_what_no_name_can_hold_finds_nothing(tenant: Tenant) -> None:
    client = enter_as(tenant, "assistant")
    client.post("/referrers/add/", {"name": "Dr. Wanda Reich", "email": "wanda@praxis.example"})
    assert "Nobody found" in text(client.post("/referrers/", {"search": "wan\0da"}))


def test_an_address_stands_in_the_book_once(tenant: Tenant) -> None:
    actor = make_actor(tenant, "assistant")
    services.add_referrer(actor=actor, card=CARD)
    with pytest.raises(ReferrerExistsError):
        services.add_referrer(actor=actor, card=CARD)


def test_the_address_book_is_offered_when_images_are_shared(tenant: Tenant) -> None:
    services.add_referrer(actor=make_actor(tenant, "assistant"), card=CARD)
    page = text(enter_as(tenant, "technician").get(f"/studies/{make_study(tenant).id}/share/"))
    assert '<option value="wanda@praxis.example">' in page
    assert "Dr. Wanda Reich, Praxis am Markt" in page
    assert 'list="referrers"' in page


def test_a_link_to_somebody_in_the_book_carries_the_name(tenant: Tenant) -> None:
    services.add_referrer(actor=make_actor(tenant, "assistant"), card=CARD)
    study = make_study(tenant)
    client = enter_as(tenant, "technician")
    client.post(f"/studies/{study.id}/share/", {"email": "Wanda@Praxis.example", "days": "7"})
    assert "Dr. Wanda Reich" in text(client.get(f"/studies/{study.id}/"))


def test_an_entry_of_another_tenant_is_absent(tenant: Tenant) -> None:
    entry = services.add_referrer(actor=make_actor(tenant, "assistant"), card=CARD)
    with pytest.raises(NotFoundError):
        services.remove_referrer(actor=make_actor(make_tenant(), "owner"), referrer_id=entry)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_name_entered_by_two_tenants_at_once_is_one_of_theirs() -> None:
    tenants, together = [make_tenant(), make_tenant()], threading.Barrier(2)

    def enter(tenant: Tenant) -> bool:
        with tenant_scope(tenant.id), transaction.atomic():
            is_ours = services.enlist(tenant_id=tenant.id, kind="AE title", name="ARCHIVE")
            with suppress(threading.BrokenBarrierError):
                together.wait(timeout=1)
        return is_ours

    assert sorted(in_parallel([partial(enter, one) for one in tenants], threads=2)) == [False, True]


def test_an_auditor_writes_no_entries(tenant: Tenant) -> None:
    with pytest.raises(ForbiddenError):
        services.add_referrer(actor=make_actor(tenant, "auditor"), card=CARD)
