"""Reading everything again in time: each object within thirty days, and every day whether all of them are there."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from uuid import UUID

import orjson
from django.db.models import Q
from django.db.models.functions import Coalesce

from common import logs
from common.clock import now
from common.errors import DomainError, NotFoundError
from common.scope import tenant_scope
from vault import fsck, selectors, storage, tenants
from vault.errors import KeyDestroyedError, ObjectMissingError, ObjectTamperedError
from vault.models import Blob

log = logs.get("vault")
EVERY = dt.timedelta(days=30)
# Begun a few days early, so that an object that must wait for a busy hour is still in time.
DUE_AFTER = EVERY - dt.timedelta(days=5)
FINDINGS_KEY = "upkeep/findings.json"
_ROWS = 200
_BUDGET_S = 900.0


@dataclass(frozen=True, slots=True)
class ScrubReport:
    """What a scrub read: objects that are as they were stored, and those that are not."""

    sound: int = 0
    bad: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """What the last look at the whole store found."""

    at: dt.datetime
    rows: int
    missing: int
    damaged: int


def scrub(*, budget_s: float = _BUDGET_S) -> ScrubReport:
    """Read, verify and hash the objects whose turn it is, those first that wait longest (hourly).

    A good one is noted with the time. What is missing or damaged is logged each time until it is restored. Passed over
    are a tenant that has withdrawn its key, what is removed meanwhile, and what waits for that under a destroyed key.
    """
    deadline = time.monotonic() + budget_s
    sound = bad = size = 0
    for tenant_id in tenants.all_ids():
        for blob_id, plain_size in _due(tenant_id):
            if time.monotonic() >= deadline:
                return ScrubReport(sound, bad, size)
            try:
                is_sound = _is_sound(tenant_id, blob_id)
            except (NotFoundError, KeyDestroyedError) as error:
                log.info("object.passed_over", tenant_id=str(tenant_id), object_id=str(blob_id), code=error.code)
                continue
            except DomainError as error:
                log.warning("scrub.stopped", tenant_id=str(tenant_id), code=error.code)
                break
            sound, bad, size = sound + is_sound, bad + (not is_sound), size + plain_size
    return ScrubReport(sound, bad, size)


def look_for_missing() -> Findings:
    """Compare the store with the database, without reading the objects (daily), and keep what was found."""
    found = fsck.check(full=False, orphans_after=dt.timedelta(hours=24))
    findings = Findings(now(), found.rows, len(found.missing), len(found.damaged))
    storage.current().put(FINDINGS_KEY, orjson.dumps(asdict(findings)), is_replacing=True)
    if findings.missing or findings.damaged:
        log.error("objects.lost", count=findings.missing + findings.damaged)
    return findings


def last_findings() -> Findings | None:
    """Return what the last look found."""
    data = storage.current().get(FINDINGS_KEY)
    if data is None:
        return None
    held = orjson.loads(data)
    return Findings(**{**held, "at": dt.datetime.fromisoformat(held["at"])})


def _due(tenant_id: UUID) -> Iterator[tuple[UUID, int]]:
    """Yield each object whose turn it is once, page after page; those that are bad stay due and are not met again."""
    until, after = now() - DUE_AFTER, Q()
    while True:
        with tenant_scope(tenant_id):
            live = Blob.objects.filter(tenant_id=tenant_id, state=Blob.State.LIVE, study_key__wrapped__isnull=False)
            old = live.annotate(read_at=Coalesce("verified_at", "created_at")).filter(after, read_at__lte=until)
            page = list(old.order_by("read_at", "id").values_list("id", "plain_size", "read_at")[:_ROWS])
        if not page:
            return
        yield from (row[:2] for row in page)
        last_id, _, read_at = page[-1]
        after = Q(read_at__gt=read_at) | Q(read_at=read_at, id__gt=last_id)


def _is_sound(tenant_id: UUID, blob_id: UUID) -> bool:
    try:
        selectors.verify_object(tenant_id=tenant_id, blob_id=blob_id)
    except (ObjectMissingError, ObjectTamperedError) as error:
        log.error("object.lost", object_id=str(blob_id), code=error.code)
        return False
    with tenant_scope(tenant_id):
        Blob.objects.filter(tenant_id=tenant_id, id=blob_id).update(verified_at=now())
    return True
