"""What `tooling.bench.audit` runs inside a fresh deployment: it writes events, sequences and verifies them."""

import contextlib
import hashlib
import json
import resource
import statistics
import threading
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from audit import sequencer, services
from audit.models import AuditEvent, AuditHead, AuditLeaf
from common.actor import Actor, ActorKind
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope

_BATCH: Final = 5000
# Written and sequenced as in daily use, and measured; the rest of the log only has to be there.
_SINGLY: Final = 20_000
_FRAMES: Final = 2000
_OPENINGS: Final = 200
_WRITERS: Final = 4
# One transaction of a request has a handful of events.
_A_REQUEST: Final = 20


def measure(events: int, *, rate: int, seconds: float) -> str:
    """Return all figures as JSON."""
    tenant_id = uuid7()
    singly = min(events, _SINGLY)
    figures = {
        "events": events,
        "recorded_per_s": _rate(singly, lambda: _write_singly(tenant_id, singly)),
        "sequenced_per_s": _rate(singly, lambda: _sequence_all(tenant_id, services.BATCH)),
        **_filled(tenant_id, events - singly),
        **_verified(tenant_id),
        "sha256_per_s": _hash_limit(tenant_id),
        "ed25519_per_s": _signature_limit(tenant_id),
        **_reads(),
        **_lag(rate, seconds),
    }
    figures["sequence_to_ed25519"] = figures["sequenced_per_s"] / figures["ed25519_per_s"]
    figures["verify_to_sha256"] = figures["verified_per_s"] / figures["sha256_per_s"]
    return json.dumps(figures)


def _actor(tenant_id: UUID) -> Actor:
    return Actor(tenant_id=tenant_id, kind=ActorKind.USER, id=uuid7(), roles=frozenset({"owner"}))


def _rate(count: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def _write_singly(tenant_id: UUID, events: int) -> None:
    """Record events one by one, as services do."""
    actor = _actor(tenant_id)
    with tenant_scope(tenant_id), transaction.atomic():
        for _ in range(events):
            services.record(actor=actor, action="study.opened", study_id=uuid7(), detail={"purpose": "view"})


def _filled(tenant_id: UUID, events: int) -> dict[str, float]:
    """Let the log grow further in large steps: what is measured of it comes afterwards."""
    actor, started = _actor(tenant_id), time.perf_counter()
    for start in range(0, events, _BATCH):
        entries = [
            services.Entry("study.opened", study_id=uuid7(), detail={"purpose": "view"})
            for _ in range(min(_BATCH, events - start))
        ]
        with tenant_scope(tenant_id), transaction.atomic():
            services.record_all(actor=actor, entries=entries)
        _sequence_all(tenant_id, _BATCH)
    return {"filled_s": time.perf_counter() - started}


def _sequence_all(tenant_id: UUID, at_once: int) -> None:
    while services.sequence(tenant_id=tenant_id, limit=at_once):
        pass


def _verified(tenant_id: UUID) -> dict[str, float]:
    services.sign_checkpoint(tenant_id=tenant_id)
    started = time.perf_counter()
    found = services.verify_log(tenant_id=tenant_id)
    if not found.holds or found.covered != found.size:
        raise RuntimeError(f"the log does not hold: {found.reason}")
    took = time.perf_counter() - started
    return {"verified_per_s": found.size / took, "verify_s": took, "memory_mb": _peak_mb()}


def _peak_mb() -> float:
    """Return the most memory that this process has had so far: however long the log is."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _hash_limit(tenant_id: UUID) -> float:
    """Return how often the hash of a body alone can be made: what no verification can be faster than."""
    with tenant_scope(tenant_id):
        body = b"\x00" + bytes(AuditEvent.objects.values_list("body", flat=True)[:1][0])
    return _rate(200_000, lambda: [hashlib.sha256(body).digest() for _ in range(200_000)])


def _signature_limit(tenant_id: UUID) -> float:
    """Return how often a leaf alone can be signed: what no sequencing can be faster than."""
    signer, message = services.signer_of(tenant_id=tenant_id), bytes(100)
    return _rate(5000, lambda: [signer.sign(message) for _ in range(5000)])


def _reads() -> dict[str, float]:
    """Return what the log costs a reader: the first frame of a study, and each that follows (p50, ms)."""
    actor = _actor(uuid7())
    openings, frames = [], []
    session = services.open_access(actor=actor, study_id=uuid7(), purpose="view")
    for _ in range(_OPENINGS):
        started = time.perf_counter()
        session = services.open_access(actor=actor, study_id=uuid7(), purpose="view")
        openings.append(time.perf_counter() - started)
    for _ in range(_FRAMES):
        started = time.perf_counter()
        session.count()
        frames.append(time.perf_counter() - started)
    return {
        "first_access_ms": statistics.median(openings) * 1e3,
        "frame_ms": statistics.median(frames) * 1e3,
        "frame_mean_ms": statistics.fmean(frames) * 1e3,
    }


def _lag(rate: int, seconds: float) -> dict[str, float]:
    """Let writers reach a rate if they can, a sequencer follow, and return how late leaves are (p50, p99, s)."""
    tenant_id, stop = uuid7(), threading.Event()
    following = threading.Thread(target=_follow, args=(tenant_id, stop))
    following.start()
    ends = time.monotonic() + seconds
    writers = [threading.Thread(target=_produce, args=(tenant_id, rate / _WRITERS, ends)) for _ in range(_WRITERS)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    following.join()
    late = sorted(_late(tenant_id))
    return {
        "lag_rate_per_s": len(late) / seconds,
        "lag_p50_s": statistics.median(late),
        "lag_p99_s": late[int(len(late) * 0.99)],
    }


_steps: list[tuple[int, float]] = []


def _follow(tenant_id: UUID, stop: threading.Event) -> None:
    """Sequence as a worker does, and note when how many had a leaf."""
    is_last = False
    while not is_last:
        is_last = stop.wait(sequencer.PAUSE_S)
        while services.sequence(tenant_id=tenant_id):
            with tenant_scope(tenant_id):
                _steps.append((AuditHead.objects.get().size, now().timestamp()))
    connection.close()


def _produce(tenant_id: UUID, rate: float, ends: float) -> None:
    actor, due = _actor(tenant_id), time.monotonic()
    while time.monotonic() < ends:
        with contextlib.ExitStack() as block:
            block.enter_context(tenant_scope(tenant_id))
            block.enter_context(transaction.atomic())
            for _ in range(_A_REQUEST):
                services.record(actor=actor, action="study.opened", study_id=uuid7(), detail={"purpose": "view"})
        due += _A_REQUEST / rate
        time.sleep(max(0.0, due - time.monotonic()))
    connection.close()


def _late(tenant_id: UUID) -> list[float]:
    with tenant_scope(tenant_id):
        events = AuditLeaf.objects.order_by("leaf_index").values_list("event_id", flat=True)
        recorded = dict(AuditEvent.objects.values_list("id", "recorded_at"))
        late, step = [], 0
        for index, event_id in enumerate(events):
            while _steps[step][0] <= index:
                step += 1
            late.append(_steps[step][1] - recorded[event_id].timestamp())
    return late
