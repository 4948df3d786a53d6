"""Issued analyses: made once, kept six years, each bound to the one before by its digests."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from compliance import files
from compliance.documents import changes, content
from compliance.documents.errors import SnapshotDamagedError, SnapshotNotFoundError
from compliance.models import Analysis, Snapshot
from vault.errors import KeyDestroyedError, ObjectMissingError, ObjectTamperedError


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """An issue as pages show it."""

    id: UUID
    sequence: int
    issued_at: dt.datetime
    signer_name: str
    data_sha256: str
    pdf_sha256: str
    previous_sha256: str
    changes: dict[str, list[str]]
    counts: dict[str, int]
    keep_until_date: dt.date


@dataclass(frozen=True, slots=True)
class Issue:
    """What is kept of an issue: its content, the same as bytes, and what seals it."""

    content: dict[str, Any]
    data: bytes
    seal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """What comparing the stored issues with their digests found."""

    checked: int
    damaged: tuple[int, ...]
    unchained: tuple[int, ...]

    @property
    def is_sound(self) -> bool:
        """Say whether every issue is as it was made, and none was taken out of the chain."""
        return not (self.damaged or self.unchained)


def prepare(*, actor: Actor, analysis: Analysis) -> Issue:
    """Return what is to be kept of an issue, in the caller's transaction and scope."""
    assert analysis.issued_at is not None
    found = content.gather(actor=actor, analysis_id=analysis.id, at=analysis.issued_at)
    signer = accounts.names_of_users({actor.id}).get(actor.id, "")
    earlier = _newest()
    before = _content(earlier) if earlier else None
    data = content.as_json(found)
    return Issue(found, data, _seal(analysis, earlier, signer, data, changes.compare(before, found)))


def keep(*, actor: Actor, analysis: Analysis, issue: Issue, document: bytes) -> UUID:
    """Keep the documents of an issue for good, in the transaction that issues it."""
    made = _keep(analysis, issue, document)
    audit.record(
        actor=actor,
        action="analysis.sealed",
        subject_id=made.id,
        detail={"sequence": made.sequence, "sha256": made.data_sha256},
    )
    return made.id


def _seal(
    analysis: Analysis, earlier: Snapshot | None, signer: str, data: bytes, changed: dict[str, list[str]]
) -> dict[str, Any]:
    assert analysis.issued_at is not None
    return {
        "sequence": earlier.sequence + 1 if earlier else 1,
        "data_sha256": hashlib.sha256(data).hexdigest(),
        "previous_sha256": earlier.data_sha256 if earlier else "",
        "previous_issued_at": earlier.issued_at.isoformat() if earlier else "",
        "signer": signer,
        "issued_at": analysis.issued_at.isoformat(),
        "changes": changed,
    }


def _keep(analysis: Analysis, issue: Issue, document: bytes) -> Snapshot:
    assert analysis.issued_at is not None
    assert analysis.issued_by_id is not None
    found, seal = issue.content, issue.seal
    kept_data = files.keep(tenant_id=analysis.tenant_id, data=issue.data)
    kept_pdf = files.keep(tenant_id=analysis.tenant_id, data=document)
    made: Snapshot = Snapshot.objects.create(
        tenant_id=analysis.tenant_id,
        analysis_id=analysis.id,
        issue_number=analysis.issue_number,
        sequence=seal["sequence"],
        data_blob_id=kept_data.blob_id,
        data_sha256=seal["data_sha256"],
        pdf_blob_id=kept_pdf.blob_id,
        pdf_sha256=kept_pdf.sha256.hex(),
        previous_sha256=seal["previous_sha256"],
        changes=seal["changes"],
        counts={
            "assets": len(found["inventory"]["assets"]),
            "risks": sum(risk["state"] == "confirmed" for risk in found["register"]),
            "tasks": len(found["plan"]),
        },
        signer_id=analysis.issued_by_id,
        signer_name=seal["signer"],
        issued_at=analysis.issued_at,
        keep_until_date=content.keep_until(analysis.issued_at, analysis.keep_years),
    )
    return made


# --- reading (inside the tenant's scope) ------------------------------------------------------------------------------


def list_snapshots(*, before: int | None = None, limit: int | None = None) -> list[SnapshotRow]:
    """List issues, newest first: all of them, or some below a sequence number."""
    rows = Snapshot.objects.order_by("-sequence")
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    return [_row(row) for row in rows[:limit]]


def latest_snapshot() -> SnapshotRow | None:
    """Return the newest issue."""
    row = _newest()
    return _row(row) if row else None


def get_snapshot(snapshot_id: UUID) -> SnapshotRow:
    """Return one issue, or raise."""
    return _row(_find(snapshot_id))


def read_pdf(snapshot_id: UUID) -> bytes:
    """Return the PDF of an issue, having compared it with its digest."""
    row = _find(snapshot_id)
    return _checked(row, row.pdf_blob_id, row.pdf_sha256)


def read_data(snapshot_id: UUID) -> bytes:
    """Return the JSON of an issue, having compared it with its digest."""
    row = _find(snapshot_id)
    return _checked(row, row.data_blob_id, row.data_sha256)


def check_all() -> Check:
    """Read every issue, compare it with its digests, and follow the chain from the first one on."""
    damaged, unchained, before = [], [], ""
    rows = list(Snapshot.objects.order_by("sequence"))
    for place, row in enumerate(rows, start=1):
        if not (_is_whole(row, row.data_blob_id, row.data_sha256) and _is_whole(row, row.pdf_blob_id, row.pdf_sha256)):
            damaged.append(row.sequence)
        if row.previous_sha256 != before or row.sequence != place:
            unchained.append(row.sequence)
        before = row.data_sha256
    return Check(len(rows), tuple(damaged), tuple(unchained))


def _is_whole(row: Snapshot, blob_id: UUID, digest: str) -> bool:
    try:
        _checked(row, blob_id, digest)
    except (SnapshotDamagedError, ObjectTamperedError, ObjectMissingError, KeyDestroyedError):
        return False
    return True


def _checked(row: Snapshot, blob_id: UUID, digest: str) -> bytes:
    data = files.read(tenant_id=row.tenant_id, blob_id=blob_id)
    if hashlib.sha256(data).hexdigest() != digest:
        raise SnapshotDamagedError
    return data


def _content(row: Snapshot) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(_checked(row, row.data_blob_id, row.data_sha256))
    return found


def _newest() -> Snapshot | None:
    found: Snapshot | None = Snapshot.objects.order_by("-sequence").first()
    return found


def _find(snapshot_id: UUID) -> Snapshot:
    row = Snapshot.objects.filter(id=snapshot_id).first()
    if row is None:
        raise SnapshotNotFoundError
    found: Snapshot = row
    return found


def _row(row: Snapshot) -> SnapshotRow:
    return SnapshotRow(
        id=row.id,
        sequence=row.sequence,
        issued_at=row.issued_at,
        signer_name=row.signer_name,
        data_sha256=row.data_sha256,
        pdf_sha256=row.pdf_sha256,
        previous_sha256=row.previous_sha256,
        changes=row.changes,
        counts=row.counts,
        keep_until_date=row.keep_until_date,
    )
