"""What the page of a study shows."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from audit import selectors as audit
from common.actor import Actor, Right
from pacs import selectors, worklist
from pacs.contexts import access_log, parts
from pacs.contexts.access_log import AccessLine
from pacs.contexts.parts import Badge
from pacs.reports import services as reports

if TYPE_CHECKING:
    from pacs.models import Series, Study

MAX_ACCESSES = 50
_RIGHTS = {
    Right.VIEW: gettext_lazy("view"),
    Right.REPORT: gettext_lazy("report"),
    Right.DOWNLOAD_DICOM: gettext_lazy("download"),
    Right.DOWNLOAD_JPG: gettext_lazy("pictures"),
}
_KINDS = {
    "volume": gettext_lazy("Volume"),
    "images": gettext_lazy("Images"),
    "document": gettext_lazy("Document"),
}


class Link(Protocol):
    """What the package of links tells of one; it lies above this one and is named in the settings."""

    id: UUID
    recipient_email: str
    recipient_name: str
    rights: frozenset[str]
    expires_at: dt.datetime
    used_sessions: int
    max_sessions: int
    state: str


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was imaged, as the images say it."""

    name: str
    id: str
    birth_date: dt.date | None
    sex: str


@dataclass(frozen=True, slots=True)
class SeriesCard:
    """One series as a film."""

    id: UUID
    number: int | None
    modality: str
    description: str
    kind_label: str
    thumbnail_url: str
    instance_count: int
    size_bytes: int
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One link to this study."""

    id: UUID
    recipient: str
    state: str
    rights: list[str]
    opens: int
    max_opens: int
    expires_at: dt.datetime
    is_revocable: bool


@dataclass(frozen=True, slots=True)
class ReportCard:
    """One version of the report."""

    id: UUID
    version: int
    is_signed: bool
    author: str
    signed_at: dt.datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class Can:
    """What the reader of this page may do."""

    share: bool
    admit: bool
    download: bool
    delete: bool
    correct: bool
    audit_read: bool
    report_read: bool
    report_write: bool
    emergency: bool
    explain: bool


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """The films of a study; asked for again while they are being prepared."""

    id: UUID
    is_preparing: bool
    series: list[SeriesCard]


@dataclass(frozen=True, slots=True)
class StudyPage(SeriesPage):
    """Everything that is known of a study."""

    patient: Patient
    study_date: dt.date | None
    study_time: dt.time | None
    modalities: list[str]
    badges: list[Badge]
    warnings: list[str]
    shares: list[ShareLine]
    accesses: list[AccessLine]
    report: ReportCard | None
    older_reports: list[ReportCard]
    can: Can
    description: str
    accession_number: str
    referring_physician: str
    received_at: dt.datetime
    size_bytes: int
    study_instance_uid: str


def build(*, actor: Actor, study_id: UUID) -> StudyPage:
    """Return the page of a study (inside the open scope)."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    cards = _series(study)
    can = _can(actor)
    links = list_links(study_id)
    versions = _reports(actor, study_id) if can.report_read else []
    return StudyPage(
        id=study.id,
        is_preparing=cards.is_preparing,
        series=cards.series,
        patient=Patient(study.patient_name, study.dicom_patient_id, study.patient_birth_date, study.patient_sex),
        study_date=study.study_date,
        study_time=parts.time_of(study.study_time),
        modalities=study.modalities.split(),
        badges=parts.badges_of(study, worklist.progress_of([study.id])[study.id]),
        warnings=_warnings(study),
        shares=[_share(link) for link in links],
        accesses=_accesses(study_id, links) if can.audit_read else [],
        report=versions[0] if versions else None,
        older_reports=[report for report in versions[1:] if report.is_signed],
        can=can,
        description=study.description,
        accession_number=study.accession_number,
        referring_physician=study.referring_physician_name,
        received_at=study.received_at,
        size_bytes=study.size_bytes,
        study_instance_uid=study.study_instance_uid,
    )


def build_series(*, actor: Actor, study_id: UUID) -> SeriesPage:
    """Return the films of a study (inside the open scope)."""
    return _series(selectors.study_row(actor=actor, study_id=study_id))


def list_links(study_id: UUID) -> list[Link]:
    """List the links to a study, newest first."""
    found: list[Link] = import_string(settings.STUDY_SHARES)(study_id)
    return found


def _series(study: "Study") -> SeriesPage:
    rows = selectors.list_series(study_id=study.id)
    return SeriesPage(
        id=study.id,
        is_preparing=any(row.prepared_instances < row.number_of_instances for row in rows),
        series=[_card(study, row) for row in rows],
    )


def _card(study: "Study", row: "Series") -> SeriesCard:
    layout = row.layout or {}
    thumbnail_url = parts.series_thumbnail_url(study, row.series_instance_uid)
    return SeriesCard(
        id=row.id,
        number=row.series_number,
        modality=row.modality,
        description=row.description,
        kind_label=str(_KINDS.get(layout.get("kind", ""), _KINDS["images"])),
        thumbnail_url=thumbnail_url if row.thumbnail_blob_id else "",
        instance_count=row.number_of_instances,
        size_bytes=row.size_bytes,
        warnings=list(layout.get("warnings", [])),
    )


def _can(actor: Actor) -> Can:
    return Can(
        share=access.allows(actor, "study.share"),
        admit=access.allows(actor, "patient.admit"),
        download=access.allows(actor, "study.download"),
        delete=access.allows(actor, "study.delete"),
        correct=access.allows(actor, "patient.correct"),
        audit_read=access.allows(actor, "audit.read"),
        report_read=access.allows(actor, "report.read"),
        report_write=access.allows(actor, "report.write"),
        emergency=access.allows(actor, "emergency.open") and not access.allows(actor, "study.download"),
        explain=actor.grant is None and access.allows(actor, "retention.explain"),
    )


def _warnings(study: "Study") -> list[str]:
    if not study.conflict:
        return []
    held = _(
        "The patient of this study is in doubt: its id belongs to somebody of another name or birth date, or its "
        "images name two patients. Compare both sides under In doubt. "
        "Until that is settled the study cannot be shared."
    )
    return [held]


def _share(link: Link) -> ShareLine:
    return ShareLine(
        id=link.id,
        recipient=link.recipient_name or link.recipient_email,
        state=link.state,
        rights=[str(label) for right, label in _RIGHTS.items() if right in link.rights],
        opens=link.used_sessions,
        max_opens=link.max_sessions,
        expires_at=link.expires_at,
        is_revocable=link.state not in {"revoked", "expired"},
    )


def _accesses(study_id: UUID, links: Iterable[Link]) -> list[AccessLine]:
    entries = audit.list_events(audit.Filter(study_id=study_id), limit=MAX_ACCESSES)
    guests = {link.id: link.recipient_name or link.recipient_email for link in links}
    return access_log.lines_of(entries, guests)


def _reports(actor: Actor, study_id: UUID) -> list[ReportCard]:
    return [
        ReportCard(
            id=report.id,
            version=report.version,
            is_signed=report.is_signed,
            author=report.author_name,
            signed_at=report.signed_at,
            summary=report.text.impression,
        )
        for report in reports.list_reports(actor=actor, study_id=study_id)
    ]
