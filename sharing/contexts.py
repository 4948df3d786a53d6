"""What the pages of a link show."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor, ActorKind, Right
from common.scope import tenant_scope
from pacs import selectors as pacs
from sharing import selectors
from sharing.services import CODE_MINUTES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from pacs.models import Study


@dataclass(frozen=True, slots=True)
class Landing:
    """The page before anything is proved: it knows nothing but its own address."""

    link_id: UUID


@dataclass(frozen=True, slots=True)
class CodePage:
    link_id: UUID
    recipient_hint: str
    minutes_valid: int


@dataclass(frozen=True, slots=True)
class Ended:
    """Why nothing is open here: left, waiting, expired, revoked, locked, used, or nothing that may be told."""

    reason: str


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A study in a few words, for who may see it."""

    id: UUID
    patient_name: str
    patient_id: str
    birth_date: dt.date | None
    study_date: dt.date | None
    modalities: list[str]
    description: str
    instance_count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GuestStudy(StudyLine):
    """A study, and what its guest may do with it; an absent address means that he may not."""

    thumbnail_url: str
    archive_url: str
    report_url: str
    has_report: bool | None


@dataclass(frozen=True, slots=True)
class GuestLink:
    sender_name: str
    is_by_patient: bool
    sender_tenant: str
    recipient: str
    expires_at: dt.datetime
    studies: tuple[GuestStudy, ...]


@dataclass(frozen=True, slots=True)
class GuestPage:
    """Everything that is open in this browser, link by link."""

    links: tuple[GuestLink, ...]


RIGHT_NAMES: "dict[str, StrOrPromise]" = {
    Right.VIEW: _("looking"),
    Right.REPORT: _("report"),
    Right.DOWNLOAD_DICOM: _("original files"),
    Right.DOWNLOAD_JPG: _("pictures"),
}


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A link in the list on the page of a study."""

    id: UUID
    recipient: str
    state: str
    rights: "list[StrOrPromise]"
    opens: int
    max_opens: int
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Created:
    recipient: str
    expires_at: dt.datetime
    url: str
    is_mailed: bool


@dataclass(frozen=True, slots=True)
class SharePage:
    studies: tuple[StudyLine, ...]
    referrers: list[accounts.ReferrerLine]
    created: Created | None = None

    @property
    def study(self) -> StudyLine:
        """Return the study to go back to."""
        return self.studies[0]


def code_page(*, link_id: UUID, nonce: str) -> CodePage | None:
    """Return the page for a browser that asked for a code; another one learns nothing."""
    tenant_id = selectors.tenant_of(link_id)
    if tenant_id is None:
        return None
    with tenant_scope(tenant_id):
        issued = selectors.find_code(link_id=link_id, nonce=nonce)
        if issued is None:
            return None
        sender = selectors.get_sender(link_id)
    return CodePage(link_id=link_id, recipient_hint=sender.recipient_hint, minutes_valid=CODE_MINUTES)


def guests_of(actors: Iterable[Actor]) -> list[Actor]:
    """Return those of a request's actors who came by a link."""
    return [actor for actor in actors if actor.kind is ActorKind.GUEST]


def guest_page(guests: Iterable[Actor]) -> GuestPage:
    """Return what each guest may open; each is read in the scope of his own tenant."""
    return GuestPage(links=tuple(_guest_link(guest) for guest in guests))


def _guest_link(guest: Actor) -> GuestLink:
    with tenant_scope(guest.tenant_id):
        sender = selectors.get_sender(guest.id)
        studies = {study.id: study for study in guest_studies(guest)}
        return GuestLink(
            sender_name=sender.name,
            is_by_patient=sender.is_patient,
            sender_tenant=accounts.tenant_name(guest.tenant_id),
            recipient=sender.recipient,
            expires_at=sender.expires_at,
            studies=tuple(studies[one] for one in sender.study_ids if one in studies),
        )


def guest_studies(actor: Actor) -> tuple[GuestStudy, ...]:
    """Return what a grant names, the newest examination first (inside the scope)."""
    visible = pacs.visible_studies(actor)
    reported = set(visible.filter(reports__state="signed").values_list("id", flat=True))
    rows = visible.order_by(F("study_date").desc(nulls_last=True), "-id")
    return tuple(_guest_study(actor, study, has_report=study.id in reported) for study in rows)


def _guest_study(guest: Actor, study: "Study", *, has_report: bool) -> GuestStudy:
    can_download, can_read = access.allows(guest, "study.download"), access.allows(guest, "report.read")
    return GuestStudy(
        **facts(study),
        thumbnail_url=f"/dicom-web/studies/{study.study_instance_uid}/thumbnail",
        archive_url=reverse("pacs:archive", args=[study.id]) if can_download else "",
        report_url=reverse("pacs:report-pdf", args=[study.id]) if can_read and has_report else "",
        has_report=has_report if can_read else None,
    )


def share_lines(study_id: UUID) -> list[ShareLine]:
    """Return with whom a study is shared, for its page (inside the tenant's scope)."""
    return [
        ShareLine(
            id=link.id,
            recipient=link.recipient_name or link.recipient_email,
            state=link.state,
            rights=[RIGHT_NAMES[right] for right in sorted(link.rights)],
            opens=link.used_sessions,
            max_opens=link.max_sessions,
            expires_at=link.expires_at,
        )
        for link in selectors.list_links(study_id)
    ]


def share_page(*, actor: Actor, study_ids: Sequence[UUID], created: Created | None = None) -> SharePage:
    """Return the page on which a link is made."""
    with tenant_scope(actor.tenant_id):
        return SharePage(
            studies=tuple(StudyLine(**facts(pacs.study_row(actor=actor, study_id=study_id))) for study_id in study_ids),
            referrers=accounts.list_referrers(limit=accounts.MAX_OFFERED),
            created=created,
        )


def share_defaults(actor: Actor) -> dict[str, Any]:
    """Return the terms that the tenant has chosen for new links, as first values of the form."""
    house = accounts.house(actor.tenant_id)
    return {
        "days": house.share_days,
        "max_sessions": house.share_sessions,
        "max_downloads": house.share_downloads,
        "rights": sorted(house.share_rights),
    }


def created(*, actor: Actor, link_id: UUID, url: str, is_mailed: bool) -> Created:
    """Return the one showing of a fresh link."""
    with tenant_scope(actor.tenant_id):
        link = selectors.get_link(link_id)
    return Created(recipient=link.recipient_email, expires_at=link.expires_at, url=url, is_mailed=is_mailed)


def facts(study: "Study") -> dict[str, Any]:
    """Return the fields of a study in a few words."""
    return {
        "id": study.id,
        "patient_name": study.patient_name,
        "patient_id": study.dicom_patient_id,
        "birth_date": study.patient_birth_date,
        "study_date": study.study_date,
        "modalities": study.modalities.replace("\\", " ").replace(",", " ").split(),
        "description": study.description,
        "instance_count": study.number_of_instances,
        "size_bytes": study.size_bytes,
    }
