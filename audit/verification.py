"""Verifying the log of the open tenant where it lies, with the very file that outsiders verify an export with."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef

from audit import merkle, sql, tree
from audit.errors import LogDamagedError
from audit.models import AuditCheckpoint, AuditEvent, AuditHead, AuditLeaf, AuditPending
from audit.signing import Signer
from audit.verify_audit import Checkpoint, Key, LogCheck, Row

_BATCH = 2000


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


def verify(tenant_id: UUID, signer: Signer, *, held: list[str] | None = None) -> Finding:
    """Verify bodies, columns, leaves, inner nodes, checkpoints and numbers.

    Parameters
    ----------
    held
        Checkpoints that were kept elsewhere, as texts.
    """
    notes = [*AuditCheckpoint.objects.order_by("size").values_list("note", flat=True).distinct(), *(held or [])]
    result = LogCheck(Key(signer.verifier_key), rows_of(tenant_id), [Checkpoint(note) for note in notes]).run()
    reason = result.reason or _beyond_the_leaves(result.size)
    return Finding(result.size, result.covered, result.checkpoints, len(result.gaps), result.bad_index, reason)


def rows_of(tenant_id: UUID) -> Callable[[int], Iterator[Row]]:
    """Return what yields the lines of the log from an index on, as `LogCheck` asks for them.

    One whose columns say something else than its body has no body.
    """

    def rows(start: int) -> Iterator[Row]:
        while found := sql.lines(tenant_id, start, count=_BATCH):
            for line in found:
                yield _row(line, has_body=_repeats(line))
            start = found[-1][0] + 1

    return rows


def page(tenant_id: UUID, start: int, stop: int) -> list[Row]:
    """Return the lines [start, stop) as they are."""
    found = sql.lines(tenant_id, start, stop=stop, count=stop - start)
    return [_row(line, has_body=line[4] is not None) for line in found]


def _row(line: Sequence[Any], *, has_body: bool) -> Row:
    index, event, leaf, signature, body = line[:5]
    return Row(index, _dashed(event), bytes(body) if has_body else b"", bytes(leaf), bytes(signature))


def _repeats(line: Sequence[Any]) -> bool:
    """Say whether the columns of an event repeat its body; the number of the producer joined the body later."""
    body, moment, *kept = line[4:]
    if body is None:
        return False
    try:
        said = orjson.loads(bytes(body))
        study = said["study"]
        producer, number = said.get("producer"), said.get("seq")
        return bool(said["at"] == _instant(moment)) and kept == [
            said["action"],
            said["actor"]["id"].replace("-", ""),
            study.replace("-", "") if study else None,
            kept[3] if producer is None else producer.replace("-", ""),
            kept[4] if number is None else number,
        ]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return False


def _instant(moment: dt.datetime | str) -> str:
    """Return a moment as bodies have it: SQLite keeps the same digits, in UTC, with a blank in their middle."""
    return moment.isoformat() if isinstance(moment, dt.datetime) else f"{moment.replace(' ', 'T')}+00:00"


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


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
