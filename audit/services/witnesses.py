"""Sending checkpoints to those who keep them elsewhere: by mail once a day, to webhooks and buckets at each signing."""

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit import selectors, webhooks
from audit.errors import WitnessRefusedError
from audit.models import AuditCheckpoint, AuditWitness
from audit.services.recording import record
from audit.signing import Signer, signer_of
from common import logs, mail, outgoing
from common.actor import Actor
from common.buckets import Bucket
from common.clock import now
from common.errors import DomainError, NotFoundError
from common.scope import platform_scope, tenant_scope

log = logs.get("audit")
MAX_WITNESSES: Final = 5
_MAIL_EVERY: Final = dt.timedelta(hours=24)
_FAILURE_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a witness is sent: the newest checkpoint, and the proof that it continues the last that he took."""

    witness_id: UUID
    kind: str
    target: str
    size: int
    note: str
    content: bytes


def add_witness(*, actor: Actor, kind: str, target: str) -> UUID:
    """Name somebody who is sent the checkpoints.

    Raises
    ------
    WitnessRefusedError
        If the target is no address of its kind, is named already, or there are enough.
    """
    _require_sound(kind, target)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if AuditWitness.objects.count() >= MAX_WITNESSES:
            raise WitnessRefusedError("There are {n} witnesses already.", n=MAX_WITNESSES)
        witness, is_new = AuditWitness.objects.get_or_create(tenant_id=actor.tenant_id, kind=kind, target=target)
        if not is_new:
            raise WitnessRefusedError("This witness is named already.")
        record(actor=actor, action="witness.added", subject_id=witness.id, detail={"kind": kind})
    return UUID(str(witness.id))


def remove_witness(*, actor: Actor, witness_id: UUID) -> None:
    """Send no more checkpoints to a witness."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        deleted, _per_model = AuditWitness.objects.filter(id=witness_id).delete()
        if not deleted:
            raise NotFoundError
        record(actor=actor, action="witness.removed", subject_id=witness_id)


def _require_sound(kind: str, target: str) -> None:
    if kind not in AuditWitness.Kind.values:
        raise WitnessRefusedError("There is no such kind of witness.")
    try:
        if kind == AuditWitness.Kind.WEBHOOK:
            outgoing.require_allowed(target)
        elif kind == AuditWitness.Kind.BUCKET:
            Bucket.parse(target)
        else:
            validate_email(target)
    except ValidationError:
        raise WitnessRefusedError("This is no e-mail address.") from None


def push_checkpoints() -> int:
    """Send every witness of every tenant what he does not have yet, and return how many took something."""
    with platform_scope() as alias:
        tenants = list(AuditWitness.objects.using(alias).order_by().values_list("tenant_id", flat=True).distinct())
    return sum(push_to_witnesses(tenant_id=tenant_id) for tenant_id in tenants)


def push_to_witnesses(*, tenant_id: UUID) -> int:
    """Send the witnesses of one tenant what they do not have yet; nothing is sent while a transaction is open."""
    signer = signer_of(tenant_id=tenant_id)
    try:
        with tenant_scope(tenant_id):
            parcels = _parcels(signer)
    except DomainError as error:
        log.error("checkpoint.not-pushed", tenant_id=str(tenant_id), code=error.code)
        return 0
    return sum(_deliver(tenant_id, signer, parcel) for parcel in parcels)


def _parcels(signer: Signer) -> list[Parcel]:
    newest = AuditCheckpoint.objects.order_by("-size", "-id").values_list("size", "note").first()
    if newest is None:
        return []
    due = AuditWitness.objects.filter(pushed_size__lt=newest[0]).order_by("id")
    return [_parcel(witness, signer, *newest) for witness in due if _is_due(witness)]


def _is_due(witness: AuditWitness) -> bool:
    is_mail = witness.kind == AuditWitness.Kind.MAIL
    return not is_mail or witness.pushed_at is None or witness.pushed_at <= now() - _MAIL_EVERY


def _parcel(witness: AuditWitness, signer: Signer, size: int, note: str) -> Parcel:
    path = selectors.consistency(old=witness.pushed_size, new=size)
    content: dict[str, Any] = {
        "kind": "bitewing.checkpoint",
        "key": signer.verifier_key,
        "checkpoint": note,
        "previous": witness.pushed_note or None,
        "consistency": [base64.b64encode(each).decode() for each in path],
    }
    return Parcel(witness.id, witness.kind, witness.target, size, note, orjson.dumps(content))


def _deliver(tenant_id: UUID, signer: Signer, parcel: Parcel) -> bool:
    failure = _send(tenant_id, signer, parcel)
    with tenant_scope(tenant_id), transaction.atomic():
        row = AuditWitness.objects.filter(id=parcel.witness_id, pushed_size__lt=parcel.size)
        if failure:
            log.warning("checkpoint.not-pushed", tenant_id=str(tenant_id), event_id=str(parcel.witness_id))
            row.update(failure=failure[:_FAILURE_CHARS])
        else:
            row.update(pushed_size=parcel.size, pushed_note=parcel.note, pushed_at=now(), failure="")
    return not failure


def _send(tenant_id: UUID, signer: Signer, parcel: Parcel) -> str:
    """Send one parcel, and return why it was not taken."""
    try:
        if parcel.kind == AuditWitness.Kind.MAIL:
            text = render_to_string("emails/witness.txt", {"signer": signer, "parcel": parcel})
            mail.send(to=parcel.target, subject=_("Checkpoint of your audit log"), text=text)
        elif parcel.kind == AuditWitness.Kind.BUCKET:
            name = _object_name(tenant_id, parcel)
            Bucket.parse(parcel.target).put(name, parcel.content, "application/json")
        else:
            outgoing.post(parcel.target, parcel.content, webhooks.headers(signer, _message_id(parcel), parcel.content))
    except DomainError as error:
        return str(error)
    except OSError as error:
        return type(error).__name__
    return ""


def _object_name(tenant_id: UUID, parcel: Parcel) -> str:
    """Return a name that sorts by the size of the log; what is sent again after a failure has the same one."""
    return f"{tenant_id}/{parcel.size:012d}-{hashlib.sha256(parcel.note.encode()).hexdigest()[:16]}.json"


def _message_id(parcel: Parcel) -> str:
    return webhooks.message_id(parcel.witness_id.bytes + parcel.note.encode())
