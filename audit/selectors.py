"""Reads of the audit log of the open tenant."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count
from django.db.models.functions import TruncMonth

from audit import merkle, notes, tree
from audit.errors import NotCheckpointedError
from audit.models import AuditCheckpoint, AuditEvent, AuditHead, AuditLeaf, AuditPending, AuditWitness
from common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as pages and exports show it: ids, to be resolved by who may."""

    id: UUID
    recorded_at: dt.datetime
    action: str
    actor_kind: str
    actor_id: UUID
    study_id: UUID | None
    subject_id: UUID | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; absent fields do not narrow."""

    study_id: UUID | None = None
    actor_id: UUID | None = None
    action: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    before_id: UUID | None = None


def list_events(wanted: Filter, *, limit: int = 100) -> list[Entry]:
    """List events newest first, at most `limit`, below `before_id` (keyset)."""
    return [_entry(row) for row in _query(wanted)[:limit]]


def list_events_of_studies(
    study_ids: Iterable[UUID], *, actions: Iterable[str], before_id: UUID | None = None, limit: int = 100
) -> list[Entry]:
    """List the events of some kinds about some studies newest first, at most `limit`, below `before_id` (keyset)."""
    rows = AuditEvent.objects.filter(study_id__in=list(study_ids), action__in=list(actions)).order_by("-id")
    return [_entry(row) for row in (rows.filter(id__lt=before_id) if before_id else rows)[:limit]]


def latest_by_study(*, action: str, study_ids: set[UUID]) -> dict[UUID, Entry]:
    """Return the newest event of one kind for each of some studies, in one query."""
    rows = AuditEvent.objects.filter(study_id__in=study_ids, action=action).order_by("id")
    return {row.study_id: _entry(row) for row in rows}


def _query(wanted: Filter) -> Any:
    narrow: dict[str, Any] = {
        "study_id": wanted.study_id,
        "actor_id": wanted.actor_id,
        "action": wanted.action or None,
        "recorded_at__gte": wanted.since,
        "recorded_at__lt": wanted.until,
        "id__lt": wanted.before_id,
    }
    return AuditEvent.objects.filter(**{k: v for k, v in narrow.items() if v is not None}).order_by("-id")


def _entry(row: AuditEvent) -> Entry:
    body = orjson.loads(bytes(row.body))
    return Entry(
        id=row.id,
        recorded_at=row.recorded_at,
        action=row.action,
        actor_kind=body["actor"]["kind"],
        actor_id=row.actor_id,
        study_id=row.study_id,
        subject_id=UUID(body["subject"]) if body["subject"] else None,
        detail=body["detail"],
    )


def count_by_month(actions: Iterable[str], *, since: dt.datetime) -> list[tuple[dt.date, str, int]]:
    """Count the events of some kinds since an instant, by month (UTC) and kind.

    Identifiers are time-ordered (RFC 9562 5.7), so that the instant is found by the index of the newest.
    """
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    rows = AuditEvent.objects.filter(id__gte=first, action__in=list(actions))
    counted = rows.annotate(month=TruncMonth("recorded_at", tzinfo=dt.UTC)).order_by().values_list("month", "action")
    return [(month.date(), action, number) for month, action, number in counted.annotate(number=Count("id"))]


# --- the log as a whole, and its proofs -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogState:
    """How far the log has grown, what of it is signed, and what the last verification said."""

    origin: str
    verifier_key: str
    size: int
    waiting: int
    checkpoint_size: int
    checkpoint_at: dt.datetime | None
    verified_at: dt.datetime | None
    verified_size: int
    bad_index: int | None
    failure: str


def log_state() -> LogState | None:
    """Return the state of the log; None where nothing was ever sequenced."""
    head = AuditHead.objects.first()
    if head is None:
        return None
    return LogState(
        origin=head.verifier_key.partition("+")[0],
        verifier_key=head.verifier_key,
        size=head.size,
        waiting=AuditPending.objects.count(),
        checkpoint_size=head.checkpoint_size,
        checkpoint_at=head.checkpoint_at,
        verified_at=head.verified_at,
        verified_size=head.verified_size,
        bad_index=head.bad_index,
        failure=head.failure,
    )


def latest_checkpoint() -> str | None:
    """Return the newest checkpoint."""
    note: str | None = AuditCheckpoint.objects.order_by("-size", "-id").values_list("note", flat=True).first()
    return note


def get_proof(*, event_id: UUID) -> str:
    """Return the proof that an event is in the newest checkpoint, as `verify_audit.py` takes it (c2sp.org/tlog-proof).

    Raises
    ------
    NotCheckpointedError
        If the event is younger than the newest checkpoint.
    NotFoundError
        If there is no such event.
    """
    return get_proofs(event_ids=[event_id])[event_id]


def get_proofs(*, event_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the proofs of several events: what their paths share is read once.

    Raises
    ------
    NotCheckpointedError, NotFoundError
        As above, for one of them.
    """
    bodies = dict(AuditEvent.objects.filter(id__in=event_ids).values_list("id", "body"))
    if len(bodies) < len(set(event_ids)):
        raise NotFoundError
    if not bodies:
        return {}
    leaves = dict(AuditLeaf.objects.filter(event_id__in=event_ids).values_list("event_id", "leaf_index"))
    signed = AuditCheckpoint.objects.order_by("-size", "-id").values_list("size", "note").first()
    if signed is None or len(leaves) < len(bodies) or signed[0] <= max(leaves.values()):
        raise NotCheckpointedError
    size, note = signed
    key = AuditHead.objects.values_list("verifier_key", flat=True).get()
    read = cache(tree.read)
    return {
        event_id: notes.proof_file(
            extra=orjson.dumps({"key": key, "body": bytes(bodies[event_id]).decode()}),
            index=leaf,
            path=merkle.inclusion_proof(read, leaf, size),
            checkpoint=note,
        )
        for event_id, leaf in leaves.items()
    }


def is_about(*, event_id: UUID, study_ids: Iterable[UUID], actions: Iterable[str]) -> bool:
    """Say whether an event is of one of some kinds and about one of some studies."""
    return bool(AuditEvent.objects.filter(id=event_id, study_id__in=list(study_ids), action__in=list(actions)).exists())


def consistency(*, old: int, new: int) -> list[bytes]:
    """Return the proof that the log of one size begins with that of another."""
    return merkle.consistency_proof(tree.read, old, new)


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who is sent the checkpoints, and what he has."""

    id: UUID
    kind: str
    target: str
    pushed_size: int
    pushed_at: dt.datetime | None
    failure: str


def list_witnesses() -> list[Witness]:
    """List who is sent the checkpoints."""
    rows = AuditWitness.objects.order_by("id").values_list(
        "id", "kind", "target", "pushed_size", "pushed_at", "failure"
    )
    return [Witness(*row) for row in rows]
