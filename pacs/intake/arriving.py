"""Studies that are arriving: a device sends slice after slice, and each is a transaction of its own.

What the first slice of a series had to look up holds for the next: study, series, patient. It is verified by the very
statements that count the slice, so nothing is trusted that another process may have changed; where they do not find
what was expected, the transaction is rolled back and everything is looked up again. Statements are few, and PostgreSQL
writes all of a batch by one (decisions 0040 and 0090).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import IntegrityError, connection

from common.actor import Actor
from common.clock import now
from common.inserting import insert
from common.prepared import batched, own_id
from common.rows import new_row
from common.scope import tenant_transaction
from common.together import Together, UnexpectedCountError, written_together
from pacs import headers
from pacs.identity import Identity
from pacs.intake import columns
from pacs.intake.announcing import Announcements, News, Stored
from pacs.intake.verdicts import Status
from pacs.models import Instance, Series, Study
from vault import services as vault
from vault.keys_of_studies import KeyHandle

if TYPE_CHECKING:
    from pacs.intake.batch import Item

# As many studies as the devices of a practice send at a time.
MAX_STUDIES: Final = 64
_COUNT_STUDY: Final = (
    "UPDATE pacs_study SET number_of_instances = number_of_instances + %s, size_bytes = size_bytes + %s,"
    " updated_at = %s WHERE id = %s AND patient_id = %s AND deleted_at IS NULL AND conflict = ''"
    " AND overlay IS NULL"
)
_COUNT_SERIES: Final = (
    "UPDATE pacs_series SET number_of_instances = number_of_instances + %s, size_bytes = size_bytes + %s"
    " WHERE id = %s AND study_id = %s"
)


@dataclass(slots=True)
class _Study:
    id: UUID
    patient_id: UUID
    identity: Identity
    series: dict[str, UUID] = field(default_factory=dict)


@dataclass(slots=True)
class Arrivals:
    """What is known of studies that arrive; for one thread at a time."""

    announcements: Announcements = field(default_factory=Announcements)
    _studies: dict[str, _Study] = field(default_factory=dict)

    def learn(self, studies: dict[str, Study], series: dict[tuple[UUID, str], Series]) -> None:
        """Remember what was looked up, of studies that nothing is in doubt about."""
        uids = {study.id: uid for uid, study in studies.items()}
        for uid, study in studies.items():
            self._studies.pop(uid, None)
            if not study.conflict and study.overlay is None:
                self._studies[uid] = _Study(study.id, study.patient_id, Identity.of_images(study))
        for (study_id, series_uid), row in series.items():
            known = self._studies.get(uids.get(study_id, ""))
            if known is not None:
                known.series[series_uid] = row.id
        while len(self._studies) > MAX_STUDIES:
            self._studies.pop(next(iter(self._studies)))

    def forget(self, items: "list[Item]") -> None:
        """Drop what turned out to be otherwise."""
        for item in items:
            self._studies.pop(item.verdict.study_instance_uid, None)

    def covers(self, items: "list[Item]") -> bool:
        """Say whether all that these files need is known, and none is out of the ordinary."""
        return all(self._is_known(item) for item in items) and len(
            {item.verdict.sop_instance_uid for item in items}
        ) == len(items)

    def _is_known(self, item: "Item") -> bool:
        if item.verdict.status is not Status.STORED or item.scan is None or item.staged is None:
            return False
        study = self._studies.get(item.verdict.study_instance_uid)
        if study is None or item.verdict.series_instance_uid not in study.series:
            return False
        return Identity.of_header(item.scan.head.json) == study.identity

    def commit(
        self,
        *,
        actor: Actor,
        origin: dict[str, str],
        items: "list[Item]",
        keys: "list[KeyHandle]",
        note: Callable[[], None],
        ready: Callable[[], None],
    ) -> bool:
        """Write a batch whose studies are known; False when something changed, and nothing was written.

        `ready` returns once the objects are durable: the statements run while the disk is still at work.
        """
        try:
            with batched(), tenant_transaction(actor.tenant_id):
                with (
                    vault.presumed_keys(tenant_id=actor.tenant_id, keys=keys) as winners,
                    written_together() as together,
                ):
                    self._write(together, actor.tenant_id, items, winners)
                    staged = [item.staged for item in items if item.staged]
                    vault.commit_objects(tenant_id=actor.tenant_id, staged=staged, keys=winners)
                    news = self._announce(actor, origin, items)
                ready()
                note()
        except (vault.KeysChangedError, UnexpectedCountError, IntegrityError):
            # A key or a study is not as it was, or one of the instances is stored already.
            self.forget(items)
            return False
        self.announcements.committed(news)
        return True

    def _write(self, together: Together, tenant_id: UUID, items: "list[Item]", winners: dict[str, KeyHandle]) -> None:
        rows = [self._row(tenant_id, item, winners[item.verdict.study_instance_uid]) for item in items]
        insert(rows)
        counted: Counter[UUID] = Counter()
        sizes: Counter[UUID] = Counter()
        for row in rows:
            for row_id in (row.study_id, row.series_id):
                counted[row_id] += 1
                sizes[row_id] += row.size_bytes
        moment = Study._meta.get_field("updated_at").get_db_prep_save(now(), connection)
        # In the order of their keys, so that no two batches wait for each other.
        for row_id, study_id in sorted({(row.series_id, row.study_id) for row in rows}):
            # A series that was split off since it was looked up is not there any more.
            values = [counted[row_id], sizes[row_id], own_id(row_id), own_id(study_id)]
            together.write(_COUNT_SERIES, values, rows=1)
        patients = {study.id: study.patient_id for study in self._studies.values()}
        for row_id in sorted({row.study_id for row in rows}):
            values = [counted[row_id], sizes[row_id], moment, own_id(row_id), own_id(patients[row_id])]
            together.write(_COUNT_STUDY, values, rows=1)

    def _row(self, tenant_id: UUID, item: "Item", key: KeyHandle) -> Instance:
        assert item.scan is not None
        assert item.staged is not None
        study = self._studies[item.verdict.study_instance_uid]
        series_id = study.series[item.verdict.series_instance_uid]
        return new_instance(tenant_id, item, key, study_id=study.id, series_id=series_id)

    def _announce(self, actor: Actor, origin: dict[str, str], items: "list[Item]") -> News:
        touched = Counter(item.verdict.study_instance_uid for item in items)
        found = {(item.verdict.study_instance_uid, item.verdict.series_instance_uid) for item in items}
        known = self._studies
        return self.announcements.write(
            actor=actor,
            origin=origin,
            studies=[Stored(known[uid].id, known[uid].patient_id, count) for uid, count in touched.items()],
            series=[known[study_uid].series[series_uid] for study_uid, series_uid in found],
        )


def new_instance(tenant_id: UUID, item: "Item", key: KeyHandle, *, study_id: UUID, series_id: UUID) -> Instance:
    """Return the row of an instance whose study and series are known."""
    assert item.scan is not None
    assert item.staged is not None
    head, staged = item.scan.head, item.staged
    row = new_row(
        Instance,
        tenant_id=tenant_id,
        study_id=study_id,
        series_id=series_id,
        sop_instance_uid=head.sop_instance_uid,
        sop_class_uid=head.sop_class_uid,
        transfer_syntax_uid=head.transfer_syntax_uid,
        number_of_frames=item.scan.pixel.number_of_frames if item.scan.pixel else 0,
        frame_index=item.scan.pixel.index.to_bytes() if item.scan.pixel else None,
        blob_id=staged.id,
        size_bytes=staged.plain_size,
        sha256=staged.sha256,
        crc32=staged.crc32,
        header=headers.seal(head.json, key=key),
    )
    columns.fill_instance(row, head.json)
    return row
