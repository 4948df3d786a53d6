"""The radiologist's report: sealed, signed once, versioned."""

import io

import pytest
from pypdf import PdfReader

from audit.models import AuditEvent
from common.actor import Actor, ActorKind, Grant
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.errors import ReportChangedError, ReportSignedError, StudyNotFoundError
from pacs.models import Report, Study
from pacs.reports import services
from pacs.reports.services import EmptyReportError, ReportText
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db
TEXT = ReportText(observations="Radiolucency at 36.", recommendations="Endodontic review.")


@pytest.fixture
def radiologist() -> Actor:
    return make_actor(make_tenant(), "radiologist")


@pytest.fixture
def study(radiologist: Actor) -> Study:
    return make_study(radiologist.tenant_id, PatientName="Phantom^Petra")


def signed(radiologist: Actor, study: Study) -> services.ReportRef:
    draft = services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    return services.sign(actor=radiologist, draft=draft)


def guest_of(study: Study, *rights: str) -> Actor:
    return Actor(
        tenant_id=study.tenant_id,
        kind=ActorKind.GUEST,
        id=uuid7(),
        roles=frozenset({"guest"}),
        grant=Grant(study_ids=frozenset({study.id}), rights=frozenset(rights)),
    )


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.req("PA-21")
def test_the_signed_pdf_says_what_was_written_by_whom_and_of_whom(radiologist: Actor, study: Study) -> None:
    report = signed(radiologist, study)
    text = text_of(services.open_pdf(actor=radiologist, study_id=study.id, report_id=report.id))
    for wanted in ("Phantom, Petra", "Radiolucency at 36.", "Signed electronically by Person"):
        assert wanted in text


def test_the_text_lies_sealed_in_the_database(radiologist: Actor, study: Study) -> None:
    services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    with tenant_scope(study.tenant_id):
        assert b"Radiolucency" not in bytes(Report.objects.get().body)


def test_a_draft_is_changed_in_place(radiologist: Actor, study: Study) -> None:
    services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    services.save_draft(actor=radiologist, study_id=study.id, text=ReportText(observations="Nothing."))
    with tenant_scope(study.tenant_id):
        (report,) = services.list_reports(actor=radiologist, study_id=study.id)
    assert (report.version, report.text.observations) == (1, "Nothing.")


def test_the_pdf_of_a_draft_says_that_it_is_one(radiologist: Actor, study: Study) -> None:
    draft = services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    assert "DRAFT" in text_of(services.open_pdf(actor=radiologist, study_id=study.id, report_id=draft.id))


@pytest.mark.req("PA-19")
def test_a_signed_report_is_made_once_and_never_changes(radiologist: Actor, study: Study) -> None:
    report = signed(radiologist, study)
    first = services.open_pdf(actor=radiologist, study_id=study.id, report_id=report.id)
    assert services.open_pdf(actor=radiologist, study_id=study.id, report_id=report.id) == first
    with pytest.raises(ReportSignedError):
        services.sign(actor=radiologist, draft=report)


def test_writing_after_signing_makes_a_new_version(radiologist: Actor, study: Study) -> None:
    signed(radiologist, study)
    again = services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    assert (again.version, again.is_signed) == (2, False)


def test_an_empty_report_cannot_be_signed(radiologist: Actor, study: Study) -> None:
    draft = services.save_draft(actor=radiologist, study_id=study.id, text=ReportText(impression="x"))
    with pytest.raises(EmptyReportError):
        services.sign(actor=radiologist, draft=draft)


def test_nobody_signs_what_somebody_else_wrote_meanwhile(radiologist: Actor, study: Study) -> None:
    draft = services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    services.save_draft(actor=radiologist, study_id=study.id, text=ReportText(observations="Others' words."))

    with pytest.raises(ReportChangedError):
        services.sign(actor=radiologist, draft=draft)


@pytest.mark.req("PA-20")
@pytest.mark.parametrize("role", ["owner", "administrator", "technician", "dentist", "assistant", "auditor"])
def test_only_a_radiologist_writes(study: Study, role: str) -> None:
    other = Actor(study.tenant_id, ActorKind.USER, uuid7(), frozenset({role}))
    with pytest.raises(ForbiddenError):
        services.save_draft(actor=other, study_id=study.id, text=TEXT)


def test_a_guest_reads_the_signed_report(radiologist: Actor, study: Study) -> None:
    report = signed(radiologist, study)
    guest = guest_of(study, "view", "report")
    assert services.open_pdf(actor=guest, study_id=study.id, report_id=report.id).startswith(b"%PDF")


def test_a_guest_never_sees_a_draft(radiologist: Actor, study: Study) -> None:
    draft = services.save_draft(actor=radiologist, study_id=study.id, text=TEXT)
    with pytest.raises(StudyNotFoundError):
        services.open_pdf(actor=guest_of(study, "report"), study_id=study.id, report_id=draft.id)


def test_a_guest_without_the_right_reads_nothing(radiologist: Actor, study: Study) -> None:
    report = signed(radiologist, study)
    with pytest.raises(ForbiddenError):
        services.open_pdf(actor=guest_of(study, "view"), study_id=study.id, report_id=report.id)


@pytest.mark.req("PA-07")
def test_reading_a_report_is_in_the_audit_log(radiologist: Actor, study: Study) -> None:
    report = signed(radiologist, study)
    services.open_pdf(actor=radiologist, study_id=study.id, report_id=report.id)
    with tenant_scope(study.tenant_id):
        assert AuditEvent.objects.filter(action="report.read", study_id=study.id).count() == 1


def test_a_name_without_a_font_still_gives_a_pdf(radiologist: Actor) -> None:
    study = make_study(radiologist.tenant_id, "arabic", PatientName="قباني^لنزار", SpecificCharacterSet="ISO_IR 192")
    report = signed(radiologist, study)
    assert services.open_pdf(actor=radiologist, study_id=study.id, report_id=report.id).startswith(b"%PDF")
