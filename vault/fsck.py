"""The store against the database, from both sides: what is missing, what is damaged, what nobody knows."""

import datetime as dt
import itertools
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from common.clock import now
from common.scope import tenant_scope
from vault import selectors, storage, tenants
from vault.models import Blob
from vault.storage.port import Entry

_BATCH = 1000


@dataclass(slots=True)
class Findings:
    """What a check found; objects that have rows by their ids, those that have none by their addresses in the store."""

    tenants: int = 0
    rows: int = 0
    objects: int = 0
    missing: list[UUID] = field(default_factory=list)
    damaged: list[UUID] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    # Of a destroyed key: a barrier has yet to remove them.
    doomed: list[UUID] = field(default_factory=list)
    # Without a row, but young enough to belong to an upload that goes on.
    under_way: int = 0

    @property
    def is_clean(self) -> bool:
        """Say whether the store holds exactly what the database knows."""
        return not (self.missing or self.damaged or self.orphans)


def check(*, full: bool, orphans_after: dt.timedelta) -> Findings:
    """Compare the store with the live objects of all tenants.

    The store is listed once. Only where it lists fewer objects of a tenant than there are rows is each asked for.

    Parameters
    ----------
    full
        Also read, verify and hash every byte.
    orphans_after
        An object without a row that is younger may be part of an upload that goes on.

    Raises
    ------
    UnavailableError
        If the store does not answer.
    """
    return _Check(now(), orphans_after, full=full).run()


class _Check:
    def __init__(self, instant: dt.datetime, orphans_after: dt.timedelta, *, full: bool) -> None:
        self.instant = instant
        self.old = instant - orphans_after
        self.full = full
        self.tenant_ids = tenants.all_ids()
        self.listed: Counter[UUID] = Counter()
        self.found = Findings(tenants=len(self.tenant_ids))

    def run(self) -> Findings:
        expected = {tenant_id: self._count_live(tenant_id) for tenant_id in self.tenant_ids}
        self.found.rows = sum(expected.values())
        entries = storage.current().entries()
        while batch := list(itertools.islice(entries, _BATCH)):
            self._compare(batch)
        for tenant_id, rows in expected.items():
            if self.full or self.listed[tenant_id] < rows:
                self._look(tenant_id)
        self.found.damaged = sorted(set(self.found.damaged))
        return self.found

    def _count_live(self, tenant_id: UUID) -> int:
        with tenant_scope(tenant_id):
            return int(Blob.objects.filter(state=Blob.State.LIVE, created_at__lte=self.instant).count())

    def _compare(self, batch: list[Entry]) -> None:
        self.found.objects += len(batch)
        unknown = {entry.key: entry for entry in batch}
        for tenant_id in self.tenant_ids:
            for object_id, key, cipher_size, created_at in _live_rows(tenant_id, list(unknown)):
                entry = unknown.pop(key)
                self.listed[tenant_id] += created_at <= self.instant
                if entry.size_bytes != cipher_size:
                    self.found.damaged.append(object_id)
        old = [entry.key for entry in unknown.values() if entry.modified_at <= self.old]
        self.found.orphans += old
        self.found.under_way += len(unknown) - len(old)

    def _look(self, tenant_id: UUID) -> None:
        report = selectors.check_objects(tenant_id, full=self.full)
        self.found.missing += report.missing
        self.found.damaged += report.damaged
        self.found.doomed += report.doomed


def _live_rows(tenant_id: UUID, keys: list[str]) -> list[tuple[UUID, str, int, dt.datetime]]:
    if not keys:
        return []
    with tenant_scope(tenant_id):
        live = Blob.objects.filter(tenant_id=tenant_id, object_key__in=keys, state=Blob.State.LIVE)
        return list(live.values_list("id", "object_key", "cipher_size", "created_at"))
