"""The address book of the clinicians who send patients."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from accounts.errors import ReferrerExistsError, ReferrerNotFoundError
from accounts.models import Referrer
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a referrer; the names are those of the columns."""

    name: str
    email: str
    practice: str = ""
    phone: str = ""


def add_referrer(*, actor: Actor, card: Card) -> UUID:
    """Add an entry; an address stands in the book once."""
    access.require(actor, "referrer.manage")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        try:
            with transaction.atomic():
                row = Referrer.objects.create(tenant_id=actor.tenant_id, **asdict(card))
        except IntegrityError:
            raise ReferrerExistsError from None
        audit.record(actor=actor, action="referrer.added", subject_id=row.id)
    return UUID(str(row.id))


def change_referrer(*, actor: Actor, referrer_id: UUID, card: Card) -> None:
    """Change an entry."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _require(actor, referrer_id)
        try:
            with transaction.atomic():
                Referrer.objects.filter(id=referrer_id).update(**asdict(card))
        except IntegrityError:
            raise ReferrerExistsError from None
        audit.record(actor=actor, action="referrer.changed", subject_id=referrer_id)


def remove_referrer(*, actor: Actor, referrer_id: UUID) -> None:
    """Strike an entry out; links that were sent to its address stay."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _require(actor, referrer_id)
        Referrer.objects.filter(id=referrer_id).delete()
        audit.record(actor=actor, action="referrer.removed", subject_id=referrer_id)


def _require(actor: Actor, referrer_id: UUID) -> None:
    if not Referrer.objects.filter(id=referrer_id).exists():
        raise ReferrerNotFoundError
    access.require(actor, "referrer.manage")
