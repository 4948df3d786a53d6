"""Writing, signing and reading reports on the pages."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Tenant
from audit import selectors as audit
from common.actor import Actor, Right
from common.scope import tenant_scope
from pacs.models import Report
from pacs.reports import services as reports
from pacs.reports.services import TITLES, ReportText
from sharing.services import Terms, share_studies
from tests.factories.browsers import enter_as
from tests.factories.cast import make_actor
from tests.factories.sharing import RECIPIENT, Shared, walk_in
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
TEXT = {"observations": "Radiolucency at 36.", "impression": "Apical periodontitis."}


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def reports_of(tenant: Tenant) -> list[tuple[int, str]]:
    with tenant_scope(tenant.id):
        return list(Report.objects.order_by("version").values_list("version", "state"))


def let_in(tenant: Tenant, study_id: UUID, *rights: str) -> Client:
    sender = make_actor(tenant, "owner")
    terms = Terms(recipient_email=RECIPIENT, rights=frozenset({Right.VIEW.value, *rights}))
    made = share_studies(actor=sender, study_ids=[study_id], terms=terms)
    return walk_in(Client(), Shared(tenant, sender, (study_id,), made.link_id, made.url.rpartition("#")[2]))


@pytest.fixture
def study_id(tenant: Tenant) -> UUID:
    return make_study(tenant.id).id


@pytest.fixture
def radiologist(tenant: Tenant) -> Client:
    return enter_as(tenant, "radiologist")


@pytest.fixture
def signed(radiologist: Client, study_id: UUID) -> str:
    """Return the address of a study whose report is signed."""
    radiologist.post(f"/studies/{study_id}/report/", {**TEXT, "action": "sign"})
    return f"/studies/{study_id}/"


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-20")
@pytest.mark.parametrize("role", ["owner", "administrator", "technician", "dentist", "assistant", "auditor"])
def test_only_a_radiologist_writes(tenant: Tenant, enter: Enter, study_id: UUID, role: str) -> None:
    browser = enter(role)

    assert browser.get(f"/studies/{study_id}/report/").status_code == 403
    assert browser.post(f"/studies/{study_id}/report/", {**TEXT, "action": "sign"}).status_code == 403
    assert reports_of(tenant) == []


@pytest.mark.req("PA-21")
def test_the_form_asks_for_every_section_of_a_report(radiologist: Client, study_id: UUID) -> None:
    page = text(radiologist.get(f"/studies/{study_id}/report/"))

    assert all(f'name="{section}"' in page and title in page for section, title in TITLES.items())


def test_a_draft_is_saved_and_shown_again(tenant: Tenant, radiologist: Client, study_id: UUID) -> None:
    answer = radiologist.post(f"/studies/{study_id}/report/", {**TEXT, "action": "save"})

    page = text(radiologist.get(answer["Location"]))
    assert "Radiolucency at 36." in page
    assert "The draft is saved." in page
    assert reports_of(tenant) == [(1, "draft")]


def test_a_draft_can_be_looked_at_as_pdf(radiologist: Client, study_id: UUID) -> None:
    answer = radiologist.post(f"/studies/{study_id}/report/", {**TEXT, "action": "preview"})

    pdf = radiologist.get(answer["Location"])
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.req("PA-20")
def test_signing_makes_the_report_final_under_the_name_of_the_signer(
    tenant: Tenant, radiologist: Client, signed: str
) -> None:
    page = text(radiologist.get(signed))

    assert reports_of(tenant) == [(1, "signed")]
    assert "By Person" in page
    assert "Apical periodontitis." in page


def test_an_empty_report_is_not_signed_and_says_what_lacks(tenant: Tenant, radiologist: Client, study_id: UUID) -> None:
    answer = radiologist.post(f"/studies/{study_id}/report/", {"impression": "x", "action": "sign"})

    assert answer.status_code == 422
    assert "Write at least the observations" in text(answer)
    assert reports_of(tenant) == [(1, "draft")]


def test_who_cannot_sign_what_somebody_else_wrote_sees_the_form_again(
    tenant: Tenant, radiologist: Client, study_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, other = reports.save_draft, ReportText(observations="Others' words.")

    def save_twice(*, actor: Actor, study_id: UUID, text: ReportText) -> reports.ReportRef:
        draft = save(actor=actor, study_id=study_id, text=text)
        save(actor=actor, study_id=study_id, text=other)
        return draft

    monkeypatch.setattr(reports, "save_draft", save_twice)
    answer = radiologist.post(f"/studies/{study_id}/report/", {**TEXT, "action": "sign"})

    assert answer.status_code == 422
    assert "Somebody else saved or signed this report meanwhile." in text(answer)
    assert reports_of(tenant) == [(1, "draft")]


def test_a_new_version_begins_with_the_signed_words_and_leaves_them(
    tenant: Tenant, radiologist: Client, signed: str
) -> None:
    page = text(radiologist.get(f"{signed}report/"))
    radiologist.post(f"{signed}report/", {**TEXT, "impression": "Corrected.", "action": "sign"})

    assert "Radiolucency at 36." in page
    assert "Version 1 is signed and stays as it is." in page
    assert reports_of(tenant) == [(1, "signed"), (2, "signed")]
    study_page = text(radiologist.get(signed))
    assert "Corrected." in study_page
    assert "Version 1, signed by Person" in study_page


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["owner", "administrator", "technician", "dentist", "assistant"])
def test_staff_read_the_signed_report(enter: Enter, signed: str, role: str) -> None:
    pdf = enter(role).get(f"{signed}report/pdf")

    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"] == 'inline; filename="report.pdf"'


def test_a_draft_is_not_the_report(enter: Enter, radiologist: Client, study_id: UUID) -> None:
    radiologist.post(f"/studies/{study_id}/report/", {**TEXT, "action": "save"})

    answer = enter("dentist").get(f"/studies/{study_id}/report/pdf")

    assert answer.status_code == 404
    assert "No report of this study is signed yet." in text(answer)


@pytest.mark.req("PA-06")
def test_a_guest_reads_the_report_when_his_link_says_so(tenant: Tenant, signed: str, study_id: UUID) -> None:
    assert let_in(tenant, study_id, Right.REPORT.value).get(f"{signed}report/pdf").content.startswith(b"%PDF-")


@pytest.mark.req("PA-06")
def test_a_guest_without_that_right_is_told_so(tenant: Tenant, signed: str, study_id: UUID) -> None:
    assert let_in(tenant, study_id).get(f"{signed}report/pdf").status_code == 403


@pytest.mark.req("PA-06")
def test_a_guest_never_reads_a_draft(tenant: Tenant, radiologist: Client, study_id: UUID) -> None:
    draft = radiologist.post(f"/studies/{study_id}/report/", {**TEXT, "action": "preview"})["Location"]
    guest = let_in(tenant, study_id, Right.REPORT.value)

    assert guest.get(draft).status_code == 404
    assert guest.get(f"/studies/{study_id}/report/pdf").status_code == 404


@pytest.mark.req("PA-07")
def test_each_reading_is_in_the_audit_log(tenant: Tenant, enter: Enter, signed: str, study_id: UUID) -> None:
    enter("dentist").get(f"{signed}report/pdf")

    with tenant_scope(tenant.id):
        entries = audit.list_events(audit.Filter(study_id=study_id, action="report.read"))
    assert len(entries) == 1
