"""What a patient, and the desk that lets the patient in, are shown."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts import selectors as accounts
from audit import selectors as audit
from common.actor import Actor, ActorKind
from common.errors import NotFoundError
from common.qr import qr_svg
from common.scope import tenant_scope
from pacs import selectors as pacs
from sharing import patients, plain_words, proofs
from sharing.contexts import RIGHT_NAMES, GuestStudy, StudyLine, facts, guest_studies
from sharing.plain_words import Visit
from sharing.services import CODE_MINUTES, Slip

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from sharing.selectors import LinkSummary

LOG_ROWS = 50


@dataclass(frozen=True, slots=True)
class PatientShare:
    """A link to a patient's images, as the patient sees it."""

    id: UUID
    recipient: str
    is_own: bool
    state: str
    rights: "list[StrOrPromise]"
    opens: int
    expires_at: dt.datetime
    can_stop: bool


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Everything that a practice has of one patient, and who looked at it."""

    tenant_name: str
    patient_name: str
    studies: tuple[GuestStudy, ...]
    shares: tuple[PatientShare, ...]
    visits: tuple[Visit, ...]
    older_cursor: str
    is_continued: bool
    has_passkey: bool
    # What images may be used for in training networks; empty: they are not.
    training_purpose: str
    # Whether the patient objects to that.
    has_objected: bool


@dataclass(frozen=True, slots=True)
class EnterCodePage:
    recipient_hint: str
    minutes_valid: int


@dataclass(frozen=True, slots=True)
class SlipPage:
    """The paper for the patient: the code in clear, once."""

    code: str = field(repr=False)
    qr_svg: str = field(repr=False)
    address: str
    expires_at: dt.datetime
    tenant_name: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Where the desk lets a patient in."""

    study: StudyLine
    accesses: tuple[patients.AccessLine, ...]
    is_held: bool
    slip: SlipPage | None = None


def patient_of(actors: Iterable[Actor]) -> Actor | None:
    """Return the patient among a request's actors."""
    return next((actor for actor in actors if actor.kind is ActorKind.PATIENT), None)


def patient_page(*, actor: Actor, before_id: UUID | None = None) -> PatientPage:
    """Return a patient's page; only what the grant names is on it."""
    with tenant_scope(actor.tenant_id):
        access, has_passkey = patients.get_access_and_passkey(actor.id)
        studies = guest_studies(actor)
        links = patients.list_links(_ids(actor))
        entries = audit.list_events_of_studies(
            _ids(actor), actions=plain_words.ACTIONS, before_id=before_id, limit=LOG_ROWS + 1
        )
        return PatientPage(
            tenant_name=accounts.house(actor.tenant_id).name,
            patient_name=pacs.patient_name(access.patient_id),
            studies=studies,
            shares=tuple(_share(link) for link in links),
            visits=plain_words.visits_of(plain_words.lines_of(actor, entries[:LOG_ROWS], studies, links)),
            older_cursor=str(entries[LOG_ROWS - 1].id) if len(entries) > LOG_ROWS else "",
            is_continued=before_id is not None,
            has_passkey=has_passkey,
            training_purpose=import_string(settings.TRAINING_PURPOSE)(),
            has_objected=import_string(settings.TRAINING_OBJECTED)(access.patient_id),
        )


def proof_of_line(*, actor: Actor, event_id: UUID) -> str:
    """Return the proof of one line that the patient's page shows.

    Raises
    ------
    NotFoundError
        If the page of this patient shows no such line.
    """
    with tenant_scope(actor.tenant_id):
        if not audit.is_about(event_id=event_id, study_ids=_ids(actor), actions=plain_words.ACTIONS):
            raise NotFoundError
        return audit.get_proof(event_id=event_id)


def _ids(actor: Actor) -> frozenset[UUID]:
    return actor.grant.study_ids if actor.grant else frozenset()


def _share(link: "LinkSummary") -> PatientShare:
    return PatientShare(
        id=link.id,
        recipient=link.recipient_name or link.recipient_email,
        is_own=link.is_by_patient,
        state=link.state,
        rights=[RIGHT_NAMES[right] for right in sorted(link.rights)],
        opens=link.used_sessions,
        expires_at=link.expires_at,
        can_stop=link.state not in {"revoked", "expired"},
    )


def study_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return a patient's studies as choices of a form, by date and kind."""
    with tenant_scope(actor.tenant_id):
        return [
            (str(study.id), f"{_day(study.study_date)} · {study.description or ' '.join(study.modalities)}")
            for study in guest_studies(actor)
        ]


def _day(day: dt.date | None) -> str:
    return date_format(day, "Y-m-d") if day else _("no date")


def enter_code_page(*, access_id: UUID, nonce: str) -> EnterCodePage | None:
    """Return the page for a browser that presented a printed code; another one learns nothing."""
    for tenant_id in accounts.tenants_of(access_id):
        with tenant_scope(tenant_id):
            issued = patients.find_mail_code(access_id=access_id, nonce=nonce)
        if issued is not None:
            return EnterCodePage(recipient_hint=proofs.hint(issued.email), minutes_valid=CODE_MINUTES)
    return None


def desk_page(*, actor: Actor, study_id: UUID, slip: Slip | None = None) -> DeskPage:
    """Return the page on which the desk lets a patient in."""
    with tenant_scope(actor.tenant_id):
        study = pacs.study_row(actor=actor, study_id=study_id)
        return DeskPage(
            study=StudyLine(**facts(study)),
            accesses=tuple(patients.list_accesses(study.patient_id)),
            is_held=bool(study.conflict),
            slip=_slip_page(actor, slip) if slip else None,
        )


def _slip_page(actor: Actor, slip: Slip) -> SlipPage:
    address = f"{settings.BITEWING_BASE_URL}/p/"
    # The code stands behind the #, which browsers send to nobody.
    return SlipPage(
        code=slip.code,
        qr_svg=qr_svg(f"{address}#{slip.code}"),
        address=address,
        expires_at=slip.expires_at,
        tenant_name=accounts.house(actor.tenant_id).name,
    )
