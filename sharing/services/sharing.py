"""Making a link."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import access
from accounts import selectors as accounts_selectors
from accounts import services as accounts
from audit import services as audit
from common import logs
from common.actor import Actor, ActorKind, Right
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from pacs import selectors as pacs
from pacs.errors import StudyHeldError
from sharing import mails, proofs, selectors
from sharing.errors import TermsRefusedError, VisitEndedError
from sharing.models import PatientAccess, ShareLink, ShareLinkStudy, ThirdPartyConsent
from sharing.services import lasting

log = logs.get("sharing")

DEFAULT_DAYS, MAX_DAYS = 14, 90
MAX_STUDIES = 50
DEFAULT_USES, MAX_USES = 10, 1000
# What a patient may do without asking the practice.
MAX_FORWARD_DAYS, MAX_FORWARDS = 30, 10


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent that a patient signed, and where the paper is kept."""

    signed_date: dt.date
    kept_where: str


@dataclass(frozen=True, slots=True)
class Terms:
    """To whom, how long, how often, and what for."""

    recipient_email: str
    recipient_name: str = ""
    rights: frozenset[str] = frozenset({Right.VIEW, Right.REPORT})
    days: int = DEFAULT_DAYS
    not_before: dt.datetime | None = None
    max_sessions: int = DEFAULT_USES
    max_downloads: int = DEFAULT_USES
    # Somebody who treats nobody: never without a consent.
    is_third_party: bool = False
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh link; `url` holds its secret and is shown once."""

    link_id: UUID
    url: str = field(repr=False)
    is_mailed: bool


def share_studies(*, actor: Actor, study_ids: Sequence[UUID], terms: Terms) -> Made:
    """Give one recipient a revocable link to a snapshot of studies, and mail it.

    Call it outside a transaction: the mail, the only place that ever holds the secret, leaves after the commit.
    """
    _check(actor, terms, study_ids)
    secret = proofs.new_secret()
    with tenant_scope(actor.tenant_id):
        wanted = _shareable(actor, study_ids)
        access.require(actor, "study.share")
        with transaction.atomic():
            link = _create(actor, wanted, terms, secret)
    return _sent(link, secret)


def forward_studies(*, actor: Actor, study_ids: Sequence[UUID], terms: Terms) -> Made:
    """Let a patient pass his own images on (PA-15): for a shorter time, less often, and to few people at once.

    Call it outside a transaction, as `share_studies`.
    """
    _check(actor, terms, study_ids)
    if terms.days > MAX_FORWARD_DAYS or max(terms.max_sessions, terms.max_downloads) > DEFAULT_USES:
        raise TermsRefusedError("You can share for at most {days} days.", days=MAX_FORWARD_DAYS)
    secret = proofs.new_secret()
    with tenant_scope(actor.tenant_id):
        wanted = _shareable(actor, study_ids)
        access.require(actor, "study.forward")
        with transaction.atomic():
            if _count_open_forwards(actor) >= MAX_FORWARDS:
                raise TermsRefusedError("You share with {count} people already. Stop one first.", count=MAX_FORWARDS)
            link = _create(actor, wanted, terms, secret)
    return _sent(link, secret)


def _count_open_forwards(actor: Actor) -> int:
    """Count the links of a patient that are open, while nobody else of his makes one, nor ends the access."""
    if PatientAccess.objects.usable().select_for_update().filter(id=actor.id).first() is None:
        raise VisitEndedError
    return int(ShareLink.objects.open_at(now()).filter(made_by_patient_id=actor.id).count())


def _sent(link: ShareLink, secret: str) -> Made:
    url = f"{settings.BITEWING_BASE_URL}/s/{link.id}#{secret}"
    return Made(link_id=link.id, url=url, is_mailed=_mail(link, url))


def _check(actor: Actor, terms: Terms, study_ids: Sequence[UUID]) -> None:
    try:
        validate_email(terms.recipient_email)
    except ValidationError:
        raise TermsRefusedError("This is not an e-mail address.") from None
    if not terms.rights <= frozenset(Right) or Right.VIEW not in terms.rights:
        raise TermsRefusedError("A link lets its recipient view, and beyond that download or read the report.")
    if not 1 <= terms.days <= MAX_DAYS:
        raise TermsRefusedError("A link lasts from 1 to {days} days.", days=MAX_DAYS)
    if not (1 <= terms.max_sessions <= MAX_USES and 0 <= terms.max_downloads <= MAX_USES):
        raise TermsRefusedError("A link is opened from 1 to {uses} times.", uses=MAX_USES)
    if terms.is_third_party and (terms.consent is None or not terms.consent.kept_where.strip()):
        raise TermsRefusedError("A third party needs the patient's consent: when was it signed, and where is it kept?")
    if terms.consent is not None and terms.consent.signed_date > _today(actor):
        raise TermsRefusedError("The consent cannot be signed in the future.")
    if not 1 <= len(study_ids) <= MAX_STUDIES:
        raise TermsRefusedError("A link names from 1 to {studies} studies.", studies=MAX_STUDIES)


def _today(actor: Actor) -> dt.date:
    """Return the date of the practice: papers are signed by its calendar."""
    return now().astimezone(accounts_selectors.house(actor.tenant_id).zone).date()


def _shareable(actor: Actor, study_ids: Sequence[UUID]) -> list[UUID]:
    studies = [pacs.get_study(actor=actor, study_id=study_id) for study_id in dict.fromkeys(study_ids)]
    if any(study.conflict for study in studies):
        raise StudyHeldError
    return [study.id for study in studies]


def _name_in_address_book(email: str) -> str:
    referrer = accounts_selectors.find_referrer(email=email)
    return referrer.name if referrer else ""


def _create(actor: Actor, study_ids: list[UUID], terms: Terms, secret: str) -> ShareLink:
    begins_at = terms.not_before or now()
    link: ShareLink = ShareLink.objects.create(
        id=uuid7(),
        tenant_id=actor.tenant_id,
        secret_hash=proofs.digest(secret),
        recipient_email=terms.recipient_email,
        recipient_name=terms.recipient_name or _name_in_address_book(terms.recipient_email),
        created_by_id=actor.id if actor.kind is ActorKind.USER else None,
        made_by_patient_id=actor.id if actor.kind is ActorKind.PATIENT else None,
        rights=sorted(terms.rights),
        not_before=begins_at,
        expires_at=begins_at + dt.timedelta(days=terms.days),
        max_sessions=terms.max_sessions,
        max_downloads=terms.max_downloads,
    )
    ShareLinkStudy.objects.bulk_create(
        ShareLinkStudy(tenant_id=actor.tenant_id, link=link, study_id=study_id) for study_id in study_ids
    )
    if terms.is_third_party and terms.consent is not None:
        ThirdPartyConsent.objects.create(
            tenant_id=actor.tenant_id,
            link=link,
            signed_date=terms.consent.signed_date,
            kept_where=terms.consent.kept_where,
        )
    accounts.register_credential(credential_id=link.id, tenant_id=actor.tenant_id)
    lasting.note_shares(tenant_id=actor.tenant_id, study_ids=study_ids)
    for study_id in study_ids:
        audit.record(
            actor=actor,
            action="share.created",
            study_id=study_id,
            subject_id=link.id,
            detail={"rights": sorted(terms.rights), "expires_at": link.expires_at.isoformat(), **_consent_of(terms)},
        )
    return link


def _consent_of(terms: Terms) -> dict[str, str]:
    """Return what the log keeps of a consent: that there was one, and its date."""
    if not terms.is_third_party or terms.consent is None:
        return {}
    return {"audience": "third party", "consent": terms.consent.signed_date.isoformat()}


def _mail(link: ShareLink, url: str) -> bool:
    """Send the link; its maker sees when that fails, and still has the address to hand over."""
    try:
        with tenant_scope(link.tenant_id):
            sender = selectors.get_sender(link.id)
        mails.send_link(tenant_id=link.tenant_id, to=link.recipient_email, url=url, sender=sender)
    except OSError as error:  # smtplib's errors are OSErrors
        log.error(
            "share.mail-failed", tenant_id=str(link.tenant_id), link_id=str(link.id), error_type=type(error).__name__
        )
        return False
    return True
