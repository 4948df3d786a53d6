"""The one transaction of a batch: keys, rows, objects, outbox, audit."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from audit import services as audit
from common.actor import Actor
from common.crashpoint import crashpoint
from common.errors import ConflictError
from common.inserting import insert
from common.scope import tenant_transaction
from pacs import assignment, conflicts
from pacs.errors import UidWithOtherBytesError
from pacs.identity import Identity
from pacs.intake import columns, counters, routing
from pacs.intake.announcing import Stored, announce, settle_s, tell
from pacs.intake.arriving import Arrivals, new_instance
from pacs.intake.patients import Match, match_patients
from pacs.intake.sameness import is_same_data_set
from pacs.intake.verdicts import FailureReason, Status, Verdict
from pacs.models import Correction, Instance, Refusal, Series, Study
from vault import services as vault

if TYPE_CHECKING:
    from pacs.intake.batch import Item
    from vault.keys_of_studies import KeyHandle

Note = Callable[[list[Verdict]], None]


def commit(
    *,
    actor: Actor,
    source: str,
    items: "list[Item]",
    keys: "list[KeyHandle]",
    caller: str = "",
    arrivals: Arrivals | None = None,
    ready: Callable[[], None],
    note: "Note | None" = None,
) -> None:
    """Write a batch; verdicts are changed in place where the database knows better (duplicates, conflicts).

    `caller` is the AE title of the device that sent it, where one did.

    `ready` returns once the objects are durable, or raises. `arrivals` is what the sender's earlier batches had to look
    up. `note` is told the verdicts inside the transaction: what it writes stands or falls with the batch.
    """
    origin = {"source": source, **({"calling_ae_title": caller} if caller else {})}

    def tell() -> None:
        if note is not None:
            note([item.verdict for item in items])
        crashpoint("intake.written")

    is_known = arrivals is not None and arrivals.covers(items)
    if (
        is_known
        and arrivals
        and arrivals.commit(actor=actor, origin=origin, items=items, keys=keys, note=tell, ready=ready)
    ):
        return
    ready()
    writer = _commit(actor, origin, items, keys, tell)
    if arrivals is not None:
        arrivals.learn(writer.studies, writer.series)


def _commit(
    actor: Actor,
    origin: dict[str, str],
    items: "list[Item]",
    keys: "list[KeyHandle]",
    note: Callable[[], None],
) -> "_Writer":
    with tenant_transaction(actor.tenant_id):
        winners = vault.settle_keys(tenant_id=actor.tenant_id, keys=keys)
        winners |= routing.redirect(tenant_id=actor.tenant_id, items=_to_store(items))
        wanted = _without_known(actor.tenant_id, _to_store(items))
        routing.seal_anew(wanted, winners)
        writer = _Writer(actor, winners)
        stored = writer.write(wanted)
        refused = [item for item in items if item.verdict.status in {Status.QUARANTINED, Status.REFUSED}]
        kept = stored + [item for item in refused if item.staged]
        vault.commit_objects(tenant_id=actor.tenant_id, staged=[i.staged for i in kept if i.staged], keys=winners)
        _write_refusals(actor, origin["source"], refused)
        _announce(actor, origin, stored, writer)
        note()
    return writer


def _to_store(items: "list[Item]") -> "list[Item]":
    return [item for item in items if item.verdict.status is Status.STORED]


def _without_known(tenant_id: UUID, items: "list[Item]") -> "list[Item]":
    """Set aside instances that are stored already or twice in the batch; an identical one is a success."""
    uids = [item.verdict.sop_instance_uid for item in items]
    known: dict[str, tuple[bytes, UUID | None, str]] = {
        uid: (bytes(sha256), blob_id, syntax)
        for uid, sha256, blob_id, syntax in Instance.objects.filter(
            tenant_id=tenant_id, sop_instance_uid__in=uids, is_binned=False
        ).values_list("sop_instance_uid", "sha256", "blob_id", "transfer_syntax_uid")
    }
    fresh = []
    for item in items:
        assert item.staged is not None
        before = known.get(item.verdict.sop_instance_uid)
        if before is None:
            known[item.verdict.sop_instance_uid] = (item.staged.sha256, None, "")
            fresh.append(item)
        else:
            sha256, blob_id, syntax = before
            is_same = sha256 == item.staged.sha256 or (
                blob_id is not None
                and is_same_data_set(tenant_id=tenant_id, blob_id=blob_id, transfer_syntax_uid=syntax, item=item)
            )
            _mark_known(item, is_same=is_same)
    return fresh


def _mark_known(item: "Item", *, is_same: bool) -> None:
    if is_same:
        item.verdict.status = Status.DUPLICATE
        return
    item.verdict.refuse(Status.QUARANTINED, UidWithOtherBytesError(), FailureReason.DUPLICATE_INSTANCE)


class _Writer:
    """Writes the rows of one batch: a handful of statements, however many instances it has."""

    def __init__(self, actor: Actor, winners: "dict[str, KeyHandle]") -> None:
        self.tenant_id = actor.tenant_id
        self.winners = winners
        self.studies: dict[str, Study] = {}
        self.series: dict[tuple[UUID, str], Series] = {}
        # Those of `series` that nobody had stored into.
        self.new_series: set[UUID] = set()

    def write(self, items: "list[Item]") -> "list[Item]":
        """Write patients, studies, series and instances; return the items whose rows are ours."""
        if not items:
            return []
        self._write_studies(items)
        self._write_series(items)
        stored = self._write_instances(items)
        self._count(stored)
        return stored

    def _write_studies(self, items: "list[Item]") -> None:
        headers = {item.verdict.study_instance_uid: item.scan.head.json for item in items if item.scan}
        self.studies = self._read_studies(headers)
        missing = {uid: header for uid, header in headers.items() if uid not in self.studies}
        if missing:
            self._require_names(missing)
            matches = match_patients(
                self.tenant_id, {uid: Identity.of_header(header) for uid, header in missing.items()}
            )
            rows = [self._new_study(uid, header, matches[uid]) for uid, header in missing.items()]
            if insert(rows, ignore_conflicts=True) == len(rows):
                self.studies |= {row.study_instance_uid: row for row in rows}
            else:
                self.studies |= self._read_studies(missing)
            ours = {row.id for row in rows}
            fresh = [study for study in self.studies.values() if study.id in ours]
            assignment.add_tokens(fresh)
            self._follow_merges(fresh)
        self._hold_conflicts(items)

    def _require_names(self, uids: Iterable[str]) -> None:
        """Raise where a study went to the bin after its key was settled: another one may not lie under the same key."""
        settled = {uid: self.winners[uid].id for uid in uids if not self.winners[uid].is_new}
        if not settled:
            return
        found = vault.keys_for(tenant_id=self.tenant_id, names=list(settled))
        if any(found[uid].id != key_id for uid, key_id in settled.items()):
            raise ConflictError("The study was moved to the bin while something was stored in it.")

    def _read_studies(self, uids: Any) -> dict[str, Study]:
        rows = Study.objects.filter(tenant_id=self.tenant_id, study_instance_uid__in=list(uids), deleted_at=None)
        return {row.study_instance_uid: row for row in rows.select_related("patient").order_by("id")}

    def _new_study(self, uid: str, header: columns.Header, match: Match) -> Study:
        row = columns.study(header, self.tenant_id, uid)
        row.patient = match.patient
        row.key_id = self.winners[uid].id
        if match.disputed is not None:
            row.conflict, row.conflict_with = conflicts.PATIENT_DIFFERS, conflicts.against(match.disputed)
        return row

    @staticmethod
    def _follow_merges(studies: list[Study]) -> None:
        """Give studies of a number that was merged into another patient to that one, as somebody decided.

        Each merger moves them once, as it moved those that were there: to take it back gives all of them back.
        """
        for study in studies:
            while study.patient.merged_into is not None and not study.conflict:
                correction = Correction.objects.filter(
                    kind=Correction.Kind.MERGE, from_patient=study.patient, undone_at=None
                ).latest("id")
                assignment.assign(study, study.patient.merged_into, correction=correction, is_same_person=True)

    def _hold_conflicts(self, items: "list[Item]") -> None:
        """Mark items whose patient is in doubt: the study's, or one that differs from its own study."""
        for item in items:
            study = self.studies[item.verdict.study_instance_uid]
            claim = Identity.of_header(item.scan.head.json) if item.scan else Identity()
            if not study.conflict and conflicts.is_foreign(study, claim):
                study.conflict, study.conflict_with = conflicts.MIXED, conflicts.within(claim)
                Study.objects.filter(id=study.id).update(conflict=study.conflict, conflict_with=study.conflict_with)
            if study.conflict:
                item.verdict.status = Status.HELD
                item.verdict.reason = study.conflict
                item.verdict.message = "Stored, but its patient is in doubt: decide in the portal before sharing it."
            if study.conflict or study.overlay:
                item.verdict.warning_reason = FailureReason.WARNING_COERCION

    def _write_series(self, items: "list[Item]") -> None:
        wanted: dict[tuple[UUID, str], Series] = {}
        for item in items:
            study = self.studies[item.verdict.study_instance_uid]
            place = (study.id, item.verdict.series_instance_uid)
            if place not in wanted and item.scan:
                wanted[place] = columns.series(item.scan.head.json, self.tenant_id, item.verdict.series_instance_uid)
                wanted[place].study = study
        ours = {row.id for row in wanted.values()}
        if insert(list(wanted.values()), ignore_conflicts=True) == len(wanted):
            self.series = {(study_id, uid): row for (study_id, uid), row in wanted.items()}
            self.new_series = ours
            return
        rows = Series.objects.filter(
            tenant_id=self.tenant_id,
            study_id__in={study_id for study_id, _ in wanted},
            series_instance_uid__in=[uid for _, uid in wanted],
        )
        self.series = {(row.study_id, row.series_instance_uid): row for row in rows}
        self.new_series = ours & {row.id for row in self.series.values()}

    def _write_instances(self, items: "list[Item]") -> "list[Item]":
        rows = {item.verdict.sop_instance_uid: self._new_instance(item) for item in items}
        if insert(list(rows.values()), ignore_conflicts=True) == len(items):
            return items
        ours = {row.id for row in rows.values()}
        found = dict(
            Instance.objects.filter(
                tenant_id=self.tenant_id, sop_instance_uid__in=list(rows), is_binned=False
            ).values_list("id", "sha256")
        )
        stored = [item for item in items if rows[item.verdict.sop_instance_uid].id in found]
        lost = [item for item in items if rows[item.verdict.sop_instance_uid].id not in found]
        theirs = {bytes(sha256) for row_id, sha256 in found.items() if row_id not in ours}
        for item in lost:
            _mark_known(item, is_same=item.staged is not None and item.staged.sha256 in theirs)
        return stored

    def _new_instance(self, item: "Item") -> Instance:
        study = self.studies[item.verdict.study_instance_uid]
        series = self.series[study.id, item.verdict.series_instance_uid]
        key = self.winners[item.verdict.study_instance_uid]
        return new_instance(self.tenant_id, item, key, study_id=study.id, series_id=series.id)

    def _count(self, stored: "list[Item]") -> None:
        of_studies, of_series = counters.Tally(), counters.Tally()
        for item in stored:
            study = self.studies[item.verdict.study_instance_uid]
            of_studies.add(study.id, item.verdict.size_bytes)
            of_series.add(self.series[study.id, item.verdict.series_instance_uid].id, item.verdict.size_bytes)
        study_of = {row.id: row.study_id for row in self.series.values()}
        counters.add(tenant_id=self.tenant_id, studies=of_studies, series=of_series, study_of=study_of)


def _write_refusals(actor: Actor, source: str, items: "list[Item]") -> None:
    rows = [
        Refusal(
            tenant_id=actor.tenant_id,
            reason=item.verdict.reason,
            message=item.verdict.message[:400],
            source=source,
            size_bytes=item.verdict.size_bytes,
            blob_id=item.staged.id if item.staged else None,
            study_instance_uid=item.verdict.study_instance_uid,
            sop_instance_uid=item.verdict.sop_instance_uid,
        )
        for item in items
    ]
    Refusal.objects.bulk_create(rows)
    if rows:
        reasons = sorted({row.reason for row in rows})
        audit.record(actor=actor, action="files.refused", detail={"count": len(rows), "reasons": reasons})


def _announce(actor: Actor, origin: dict[str, str], stored: "list[Item]", writer: _Writer) -> None:
    """Publish one event a series and record one audit event a study."""
    touched: Counter[UUID] = Counter()
    for item in stored:
        study = writer.studies[item.verdict.study_instance_uid]
        touched[study.id] += 1
    studies = [
        Stored(study.id, study.patient_id, touched[study.id]) for study in writer.studies.values() if touched[study.id]
    ]
    tell(actor=actor, origin=origin, studies=studies)
    _announce_series(actor, stored, writer)


def _announce_series(actor: Actor, stored: "list[Item]", writer: _Writer) -> None:
    found = [
        writer.series[writer.studies[item.verdict.study_instance_uid].id, item.verdict.series_instance_uid]
        for item in stored
    ]
    waits: dict[float, set[UUID]] = {}
    for series in found:
        delay_s = settle_s(modality=series.modality, is_new=series.id in writer.new_series)
        waits.setdefault(delay_s, set()).add(series.id)
    for delay_s, ids in sorted(waits.items()):
        announce(actor.tenant_id, ids, delay_s=delay_s)
