"""Writing and signing the radiologist's report (PA-19 to PA-21)."""

import datetime as dt
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from uuid import UUID

import orjson
from django.db import transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.errors import InvalidInputError
from common.scope import tenant_scope
from common.typesetting import render_pdf
from outbox import services as outbox
from pacs import selectors
from pacs.errors import ReportChangedError, ReportSignedError, StudyNotFoundError
from pacs.events import ReportSigned
from pacs.models import Report, Study
from vault import selectors as vault_selectors
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.writer import StagedObject

LABEL = "report"
_TEMPLATE = Path(__file__).with_name("report.typ")
NOTICE = (
    "Images and measurements are aids to a qualified reader. This report was written and signed by the named reader."
)


class EmptyReportError(InvalidInputError):
    code = "empty-report"
    title = "Write at least the observations before signing."


@dataclass(frozen=True, slots=True)
class ReportText:
    """What a report says (PA-21), section by section."""

    clinical_information: str = ""
    planes_examined: str = ""
    observations: str = ""
    measurements: str = ""
    impression: str = ""
    recommendations: str = ""


TITLES = {
    "clinical_information": "Clinical information",
    "planes_examined": "Planes examined",
    "observations": "Observations",
    "measurements": "Measurements",
    "impression": "Impression",
    "recommendations": "Recommendations",
}


@dataclass(frozen=True, slots=True)
class ReportRef:
    """A report as pages show it."""

    id: UUID
    study_id: UUID
    version: int
    is_signed: bool
    author_id: UUID
    author_name: str
    signed_at: dt.datetime | None
    text: ReportText


def save_draft(*, actor: Actor, study_id: UUID, text: ReportText) -> ReportRef:
    """Write the draft of a study, a new version after a signed one; saving the same again changes nothing."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = selectors.study_row(actor=actor, study_id=study_id)
        access.require(actor, "report.write")
        _lock(study_id)
        latest = Report.objects.filter(study_id=study_id).order_by("-version").first()
        if latest is not None and latest.state == Report.State.DRAFT:
            latest.body, latest.changed_at = _seal(study, text), now()
            latest.author_id, latest.author_name = actor.id, _name_of(actor)
            latest.save()
            _note_state(study_id, Report.State.DRAFT)
            return _ref(latest, text)
        made = Report.objects.create(
            tenant_id=actor.tenant_id,
            study=study,
            version=latest.version + 1 if latest else 1,
            author_id=actor.id,
            author_name=_name_of(actor),
            body=_seal(study, text),
        )
        _note_state(study_id, Report.State.DRAFT)
        audit.record(actor=actor, action="report.drafted", study_id=study_id, subject_id=made.id)
        return _ref(made, text)


def sign(*, actor: Actor, draft: ReportRef) -> ReportRef:
    """Sign a draft with name and time, as the signer saw it; its PDF is made once and never again."""
    study_id, text = draft.study_id, draft.text
    with tenant_scope(actor.tenant_id):
        study = selectors.study_row(actor=actor, study_id=study_id)
        access.require(actor, "report.sign")
        report = Report.objects.filter(id=draft.id, study_id=study_id).first()
        if report is None or report.state == Report.State.SIGNED:
            raise ReportSignedError()
        if _open(study, report) != text:
            raise ReportChangedError()
        if not text.observations.strip():
            raise EmptyReportError()
        signed_at = now()
    pdf = render_pdf(_TEMPLATE, _document(actor, study, report, text, signed_at=_instant(signed_at)))
    key = vault.key_of(tenant_id=study.tenant_id, key_id=study.key_id)
    staged = _stage(key, pdf)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _lock(study_id)
        won = Report.objects.filter(id=report.id, state=Report.State.DRAFT, changed_at=report.changed_at).update(
            state=Report.State.SIGNED,
            signed_at=signed_at,
            author_id=actor.id,
            author_name=_name_of(actor),
            pdf_blob_id=staged.id,
        )
        if not won:
            raise ReportChangedError()
        vault.commit(keys=[key], staged=[staged])
        _note_state(study_id, Report.State.SIGNED)
        audit.record(actor=actor, action="report.signed", study_id=study_id, subject_id=report.id)
        outbox.publish(ReportSigned(tenant_id=actor.tenant_id, study_id=study_id, report_id=report.id))
        report.refresh_from_db()
    return _ref(report, text)


def _lock(study_id: UUID) -> None:
    """Hold a study until the transaction ends: its reports are begun, changed and signed one after the other."""
    list(Study.objects.select_for_update(no_key=True).filter(id=study_id).values_list("id"))


def _note_state(study_id: UUID, state: str) -> None:
    """Say on the row of the study how far its newest report is: worklists are searched by it."""
    Study.objects.filter(id=study_id).update(report_state=state)


def _stage(key: KeyHandle, pdf: bytes) -> StagedObject:
    writer = vault.stage(key=key, kind=ObjectKind.REPORT)
    writer.write(pdf)
    staged = writer.finish()
    vault.sync([staged])
    return staged


def list_reports(*, actor: Actor, study_id: UUID) -> list[ReportRef]:
    """List the reports of a study, newest first; a grant sees signed ones only."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    access.require(actor, "report.read")
    rows = Report.objects.filter(study_id=study_id).order_by("-version")
    if actor.grant is not None:
        rows = rows.filter(state=Report.State.SIGNED)
    return [_ref(row, _open(study, row)) for row in rows]


def open_pdf(*, actor: Actor, study_id: UUID, report_id: UUID) -> bytes:
    """Return the PDF: the signed one as it was made, of a draft one that says so; the reading is in the audit log."""
    with tenant_scope(actor.tenant_id):
        study = selectors.study_row(actor=actor, study_id=study_id)
        access.require(actor, "report.read")
        report = Report.objects.filter(id=report_id, study_id=study_id).first()
        if report is None or (actor.grant is not None and report.state != Report.State.SIGNED):
            raise StudyNotFoundError()
        audit.record(actor=actor, action="report.read", study_id=study_id, subject_id=report.id)
        if report.pdf_blob_id is None:
            return render_pdf(_TEMPLATE, _document(actor, study, report, _open(study, report), signed_at=None))
        reader = vault_selectors.open_object(tenant_id=actor.tenant_id, blob_id=report.pdf_blob_id)
    return reader.read(0, reader.plain_size)


def _document(
    actor: Actor, study: Study, report: Report, text: ReportText, *, signed_at: str | None
) -> dict[str, object]:
    facts = [
        ("Patient", study.patient_name or "-"),
        ("Patient ID", study.dicom_patient_id or "-"),
        ("Born", study.patient_birth_date.isoformat() if study.patient_birth_date else "-"),
        ("Sex", study.patient_sex or "-"),
        ("Examined", study.study_date.isoformat() if study.study_date else "-"),
        ("Accession", study.accession_number or "-"),
        ("Examination", study.description or study.modalities or "-"),
        ("Referred by", study.referring_physician_name or "-"),
    ]
    return {
        "title": "Radiology report",
        "tenant": accounts.tenant_name(actor.tenant_id),
        "author": _name_of(actor) if signed_at else report.author_name,
        "facts": facts,
        "sections": [{"title": TITLES[n], "text": v} for n, v in asdict(text).items() if v.strip()],
        "signed_at": signed_at,
        "version": report.version,
        "notice": NOTICE,
    }


def _instant(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _name_of(actor: Actor) -> str:
    return accounts.names_of_users({actor.id}).get(actor.id, "")


def _seal(study: Study, text: ReportText) -> bytes:
    key = vault.key_of(tenant_id=study.tenant_id, key_id=study.key_id)
    (settled,) = vault.settle_keys(tenant_id=study.tenant_id, keys=[key]).values()
    return vault.seal_small(key=settled, label=LABEL, data=orjson.dumps(asdict(text)))


def _open(study: Study, report: Report) -> ReportText:
    sealed = bytes(report.body)
    data = orjson.loads(
        vault_selectors.open_small(tenant_id=study.tenant_id, key_id=study.key_id, label=LABEL, sealed=sealed)
    )
    return ReportText(**{field.name: data.get(field.name, "") for field in fields(ReportText)})


def _ref(row: Report, text: ReportText) -> ReportRef:
    return ReportRef(
        id=row.id,
        study_id=row.study_id,
        version=row.version,
        is_signed=row.state == Report.State.SIGNED,
        author_id=row.author_id,
        author_name=row.author_name,
        signed_at=row.signed_at,
        text=text,
    )
