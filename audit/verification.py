"""Verifying the log of the open tenant where it lies, with the very file that outsiders verify an export with."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef

from audit import merkle, tree
from audit.errors import LogDamagedError
from audit.models import AuditCheckpoint, AuditEvent, AuditHead, AuditLeaf, AuditPending
from audit.signing import Signer
from audit.verify_audit import Checkpoint, Key, LogCheck, Row

_BATCH = 2000
_COLUMNS = ("id", "body", "recorded_at", "action", "actor_id", "study_id", "producer_id", "producer_seq")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verification found; `reason` is empty where everything holds.

    Attributes
    ----------
    bad_index
        The first index that is wrong; None where nothing is, or what is wrong has no index.
    gaps
        How many numbers of producers have no event and were not declared void.
    """

    size: int
    covered: int
    checkpoints: int
    gaps: int
    bad_index: int | None
    reason: str

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.reason


def verify(signer: Signer, *, held: list[str] | None = None) -> Finding:
    """Verify bodies, columns, leaves, inner nodes, checkpoints and numbers.

    Parameters
    ----------
    held
        Checkpoints that were kept elsewhere, as texts.
    """
    notes = [*AuditCheckpoint.objects.order_by("size").values_list("note", flat=True).distinct(), *(held or [])]
    result = LogCheck(Key(signer.verifier_key), rows, [Checkpoint(note) for note in notes]).run()
    reason = result.reason or _beyond_the_leaves(result.size)
    return Finding(result.size, result.covered, result.checkpoints, len(result.gaps), result.bad_index, reason)


def rows(start: int) -> Iterator[Row]:
    """Yield the lines of the log from an index on; one whose columns say something else than its body has no body."""
    while leaves := list(AuditLeaf.objects.filter(leaf_index__gte=start).order_by("leaf_index")[:_BATCH]):
        events = _events(leaves)
        for leaf in leaves:
            event = events.get(leaf.event_id)
            yield _row(leaf, event if event and _repeats(event) else None)
        start = leaves[-1].leaf_index + 1


def page(start: int, stop: int) -> list[Row]:
    """Return the lines [start, stop) as they are."""
    leaves = list(AuditLeaf.objects.filter(leaf_index__gte=start, leaf_index__lt=stop).order_by("leaf_index"))
    events = _events(leaves)
    return [_row(leaf, events.get(leaf.event_id)) for leaf in leaves]


def _events(leaves: list[AuditLeaf]) -> dict[UUID, dict[str, Any]]:
    wanted = AuditEvent.objects.filter(id__in=[leaf.event_id for leaf in leaves]).values(*_COLUMNS)
    return {event["id"]: event for event in wanted}


def _row(leaf: AuditLeaf, event: dict[str, Any] | None) -> Row:
    body = bytes(event["body"]) if event else b""
    return Row(leaf.leaf_index, str(leaf.event_id), body, bytes(leaf.leaf_hash), bytes(leaf.signature))


def _repeats(event: dict[str, Any]) -> bool:
    """Say whether the columns of an event repeat its body; the number of the producer joined the body later."""
    try:
        body = orjson.loads(bytes(event["body"]))
        said = (
            dt.datetime.fromisoformat(body["at"]),
            body["action"],
            UUID(body["actor"]["id"]),
            UUID(body["study"]) if body["study"] else None,
            body.get("producer", str(event["producer_id"])),
            body.get("seq", event["producer_seq"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return False
    kept = (event["recorded_at"], event["action"], event["actor_id"], event["study_id"])
    return said == (*kept, str(event["producer_id"]), event["producer_seq"])


def _beyond_the_leaves(size: int) -> str:
    """Say what is wrong besides the leaves: head, inner nodes, events that neither have a leaf nor wait for one."""
    head = AuditHead.objects.first()
    if head is None:
        return "" if size == 0 else "the head of the log is missing"
    try:
        frontier = merkle.Frontier.unpack(head.size, bytes(head.frontier))
        if frontier.size < size or merkle.tree_root(tree.read, frontier.size) != frontier.root():
            return "the head of the log is not that of its leaves"
    except (LogDamagedError, ValueError):
        return "the inner nodes of the tree are not those of its leaves"
    leaf = Exists(AuditLeaf.objects.filter(event_id=OuterRef("id")))
    waits = Exists(AuditPending.objects.filter(event_id=OuterRef("id")))
    first = AuditEvent.objects.filter(~leaf, ~waits).order_by("id").values_list("id", flat=True).first()
    return f"event {first} has no leaf and waits for none" if first else ""
