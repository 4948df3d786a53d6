"""What is dangerous asks for a second factor that is at most five minutes old."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import ApiToken, Invitation, Site, Tenant
from audit.models import AuditEvent
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.changes.models import Hook
from pacs.models import Study
from sharing.models import ShareLink
from tests.factories.browsers import enter_as
from tests.factories.cast import actor_of, make_actor, make_tenant
from tests.factories.people import Person, let_factor_age, make_person, sign_in_by_hand
from tests.factories.sharing import make_study

pytestmark = pytest.mark.django_db
SETTINGS = {
    "time_zone": "Europe/Vienna",
    "idle_minutes": "10",
    "absolute_hours": "8",
    "share_days": "7",
    "share_sessions": "5",
    "share_downloads": "5",
}
# What part 6 of the security design lists, as far as it can be done by hand: address, form, role.
GUARDED = [
    ("/studies/{study}/share/", {"email": "x@example.org", "days": "7"}, "technician"),
    ("/studies/{study}/delete/", {}, "owner"),
    ("/studies/{study}/emergency/", {"reason": "The patient bleeds in surgery"}, "assistant"),
    ("/audit/export/", {}, "compliance_officer"),
    ("/people/", {"email": "x@example.org", "roles": "technician"}, "administrator"),
    ("/people/{user}/", {"roles": "dentist"}, "administrator"),
    ("/people/{user}/deactivate/", {}, "administrator"),
    ("/people/{user}/reset-factor/", {}, "administrator"),
    ("/tokens/", {"name": "x", "scopes": "api.read", "days": "9"}, "administrator"),
    ("/sites/", {"name": "North", "is_active": "on"}, "owner"),
    ("/settings/", SETTINGS, "owner"),
    ("/dicom-devices/", {"ae_title": "SCANNER", "port": "104"}, "administrator"),
    ("/dicom-devices/titles/", {"ae_title": "PORTAL"}, "administrator"),
    ("/webhooks/", {"url": "https://program.example/hook"}, "administrator"),
    ("/account/codes/", {}, "technician"),
    ("/compliance/retention/policy/", {"implant": "20", "orthodontic": "15", "complex": "15"}, "compliance_officer"),
    ("/compliance/retention/rules/confirm/?rule=US-TX", {"source": "x"}, "compliance_officer"),
    ("/compliance/retention/studies/{study}/patient/", {"jurisdictions": "US-TX"}, "owner"),
]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def traces(tenant: Tenant) -> list[int]:
    with tenant_scope(tenant.id):
        kinds = (ShareLink, Invitation, ApiToken, Site, Hook)
        counts = [kind.objects.count() for kind in kinds]
        done = AuditEvent.objects.exclude(action__in=["session.started", "study.opened"])
        return [*counts, done.count(), Study.objects.exclude(deleted_at=None).count()]


def address(template: str, tenant: Tenant) -> str:
    return template.format(study=make_study(tenant).id, user=make_actor(tenant, "dentist").id)


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(("template", "form", "role"), GUARDED)
def test_with_a_stale_factor_nothing_happens_but_a_question(
    tenant: Tenant, template: str, form: dict[str, str], role: str
) -> None:
    path, person = address(template, tenant), make_person(tenant, role)
    client = let_factor_age(sign_in_by_hand(person))
    before = traces(tenant)
    answer = client.post(path, form)
    assert answer.status_code == 403
    assert "Confirm it is you" in answer.content.decode()
    assert traces(tenant) == before


@pytest.mark.parametrize(("template", "form", "role"), GUARDED)
def test_the_same_form_with_a_code_goes_through(tenant: Tenant, template: str, form: dict[str, str], role: str) -> None:
    path, person = address(template, tenant), make_person(tenant, role)
    client = let_factor_age(sign_in_by_hand(person))
    before = traces(tenant)
    answer = client.post(path, {**form, "step-up-code": person.code()})
    assert answer.status_code in {200, 302}
    assert traces(tenant) != before


def share_form(person: Person, **fields: object) -> tuple[str, dict[str, object]]:
    path = f"/studies/{make_study(person.tenant).id}/share/"
    return path, {"email": "x@example.org", "name": "Dr. <Dora>", "rights": ["report", "download_dicom"], **fields}


def test_nothing_of_the_form_is_lost(tenant: Tenant) -> None:
    person = make_person(tenant, "technician")
    client = let_factor_age(sign_in_by_hand(person))
    path, form = share_form(person)
    page = client.post(path, form).content.decode()
    assert f'action="{path}"' in page
    assert '<input type="hidden" name="name" value="Dr. &lt;Dora&gt;">' in page
    assert page.count('<input type="hidden" name="rights"') == 2
    assert page.count('name="csrfmiddlewaretoken"') == page.count('<form method="post"')


def test_a_wrong_code_says_so_and_keeps_the_form(tenant: Tenant) -> None:
    person = make_person(tenant, "technician")
    client = let_factor_age(sign_in_by_hand(person))
    path, form = share_form(person)
    page = client.post(path, {**form, "step-up-code": "000000"}).content.decode()
    assert "This code is wrong" in page
    assert 'value="x@example.org"' in page
    assert "000000" not in page


def test_for_five_minutes_nobody_is_asked_again(tenant: Tenant) -> None:
    person = make_person(tenant, "technician")
    client = let_factor_age(sign_in_by_hand(person))
    path, form = share_form(person)
    client.post(path, {**form, "step-up-code": person.code()})
    assert "The link; it is shown only this once" in client.post(path, form).content.decode()


def test_a_printed_code_will_do(tenant: Tenant) -> None:
    person = make_person(tenant, "technician")
    client = sign_in_by_hand(person)
    code = services.print_codes(actor=actor_of(tenant, person.user, ["technician"]))[0]
    path, form = share_form(person)
    let_factor_age(client)
    assert client.post(path, {**form, "step-up-code": code}).status_code == 200


def test_who_has_not_the_right_is_told_so_before_any_question(tenant: Tenant) -> None:
    path = f"/studies/{make_study(tenant).id}/share/"
    answer = let_factor_age(enter_as(tenant, "assistant")).post(path, {"email": "x@example.org"})
    assert "Confirm it is you" not in answer.content.decode()
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/studies/{id}/share/", "/studies/{id}/emergency/", "/people/{id}/deactivate/"])
def test_what_is_not_there_is_absent_before_any_question(tenant: Tenant, path: str) -> None:
    client = let_factor_age(enter_as(tenant, "owner"))
    assert client.post(path.format(id=uuid7()), {"email": "x@example.org"}).status_code == 404


def test_a_program_is_answered_with_a_problem(tenant: Tenant) -> None:
    study = make_study(tenant)
    client = let_factor_age(enter_as(tenant, "owner"))
    answer = client.delete(f"/dicom-web/studies/{study.study_instance_uid}")
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:bitewing:fresh-factor-required"


def test_a_token_has_no_factor_and_is_not_asked(tenant: Tenant) -> None:
    study = make_study(tenant)
    token = services.create_token(actor=make_actor(tenant, "owner"), name="t", scopes=["dicomweb.delete"])
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.delete(f"/dicom-web/studies/{study.study_instance_uid}").status_code == 204


def test_a_page_in_fragments_is_led_to_the_question(tenant: Tenant) -> None:
    client = let_factor_age(enter_as(tenant, "technician"))
    answer = client.post("/account/codes/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/step-up/?next=%2Faccount%2Fcodes%2F"


def test_the_question_leads_back_to_where_it_was_asked(tenant: Tenant) -> None:
    person = make_person(tenant, "technician")
    client = let_factor_age(sign_in_by_hand(person))
    asked = client.get("/account/authenticator/")
    answer = client.post("/step-up/", {"next": "/account/authenticator/", "code": person.code()})
    assert asked["Location"] == "/step-up/?next=%2Faccount%2Fauthenticator%2F"
    assert answer["Location"] == "/account/authenticator/"


def test_the_question_leads_nowhere_else(tenant: Tenant) -> None:
    person = make_person(tenant, "technician")
    client = let_factor_age(sign_in_by_hand(person))
    answer = client.post("/step-up/", {"next": "https://evil.example/", "code": person.code()})
    assert answer["Location"] == "/account/"
