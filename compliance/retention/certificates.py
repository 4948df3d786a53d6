"""Certificates of destruction: the list of them, the signed file for the verifier, and the same for people as PDF."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.errors import NotFoundError
from common.scope import tenant_scope
from common.typesetting import render_pdf
from compliance.models import DeletionItem
from compliance.retention.errors import RunNotFoundError
from vault import certificate as form
from vault import selectors as vault
from vault.selectors import Certificate

_TEMPLATE: Final = Path(__file__).with_name("certificate.typ")
State = DeletionItem.State
_SHOWN: Final = 500
# The page names so many objects; the signed file names them all.
_NAMED: Final = 40


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One study that was destroyed, by its number; `is_signed` once the certificate is there."""

    item_id: UUID
    study_id: UUID
    run_number: int
    run_id: UUID
    rule_id: str
    unreadable_since: dt.datetime | None
    irrecoverable_after: dt.datetime | None
    backups_expire_at: dt.datetime | None
    is_signed: bool
    is_final: bool


def list_lines() -> Iterable[CertificateLine]:
    """Return what was destroyed, the last first (inside the open scope)."""
    rows = DeletionItem.objects.select_related("run").filter(state__in=DeletionItem.DESTROYED).order_by("-id")
    items = [item for item in rows[:_SHOWN] if item.key_id is not None]
    found = {one.key_id: one for one in _destructions(items)}
    for item in items:
        one = found.get(item.key_id)
        if one is None or one.unreadable_since is None:
            continue
        yield CertificateLine(
            item_id=item.id,
            study_id=item.study_id,
            run_number=item.run.number,
            run_id=item.run_id,
            rule_id=one.rule,
            unreadable_since=one.unreadable_since,
            irrecoverable_after=one.irrecoverable_after,
            backups_expire_at=one.backups_expire_at,
            is_signed=one.certified_at is not None,
            is_final=one.state == State.FINAL,
        )


def _destructions(items: list[DeletionItem]) -> list[vault.DestructionState]:
    if not items:
        return []
    return vault.list_destructions(tenant_id=items[0].tenant_id, key_ids=[item.key_id for item in items if item.key_id])


def read_file(*, actor: Actor, item_id: UUID) -> bytes:
    """Return the signed certificate as the stand-alone verifier takes it.

    Raises
    ------
    RunNotFoundError, NotFoundError
        If there is no such study of a run, or no certificate yet.
    """
    found, _ = _read(actor, item_id)
    return form.envelope(
        body=found.body,
        signature=found.signature,
        verifier_key=audit.signer_of(tenant_id=actor.tenant_id).verifier_key,
    )


def read_pdf(*, actor: Actor, item_id: UUID) -> bytes:
    """Return what the certificate says, for people; the signed file stays what proves it."""
    found, item = _read(actor, item_id)
    with tenant_scope(actor.tenant_id):
        data = _content(actor, found, item)
    return render_pdf(_TEMPLATE, data)


def _read(actor: Actor, item_id: UUID) -> tuple[Certificate, DeletionItem]:
    with tenant_scope(actor.tenant_id), transaction.atomic():
        people = ("run", "run__approved_by", "run__seconded_by")
        item: DeletionItem | None = DeletionItem.objects.select_related(*people).filter(id=item_id).first()
        if item is None:
            raise RunNotFoundError
        access.require(actor, "retention.read")
        if item.key_id is None:
            raise NotFoundError("There is no certificate, or none yet.")
        found = vault.get_certificate(tenant_id=actor.tenant_id, key_id=item.key_id)
        audit.record(actor=actor, action="retention.certificate-read", study_id=item.study_id, subject_id=item.id)
    return found, item


def _content(actor: Actor, found: Certificate, item: DeletionItem) -> dict[str, Any]:
    body = json.loads(found.body)
    run = item.run
    approvers = [(run.approved_by, run.approved_at), (run.seconded_by, run.seconded_at)]
    objects: list[dict[str, Any]] = body["objects"] or []
    return {
        "body": {**body, "object_count": len(objects)},
        "objects": [{**one, "size": f"{one['size']:,} bytes"} for one in objects[:_NAMED]],
        "further": max(0, len(objects) - _NAMED),
        "size": f"{sum(one['size'] for one in objects):,} bytes",
        "signature": found.signature.hex(),
        "tenant_name": accounts.house(actor.tenant_id).name,
        "run": run.number,
        "approvals": [
            {"name": person.name, "at": at.strftime("%Y-%m-%d %H:%M UTC")} for person, at in approvers if person and at
        ],
        "limits": item.reckoned.get("limits", []),
    }
