"""Uploads from a browser: which files of a chosen folder have been answered, so that each is sent once.

A file is known by its fingerprint, made by the browser of path, size, beginning and end. A DICOM file that is passed
over wrongly cannot be: its beginning holds its SOP Instance UID, of which there is one in the store.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from accounts import access
from common.actor import Actor
from common.clock import now
from common.errors import InvalidInputError
from common.inserting import insert
from common.scope import platform_scope, tenant_scope
from pacs.errors import UploadNotFoundError
from pacs.intake import pieces
from pacs.intake.verdicts import Status, Verdict
from pacs.models import Instance, Upload, UploadedFile, UploadPiece

UPLOAD: Final = "study.upload"
# The header of a part that says which file it is.
FINGERPRINT_HEADER: Final = "content-id"
MAX_ASKED: Final = 5000
MAX_FILES: Final = 1_000_000
KEPT: Final = dt.timedelta(days=30)
_STORED = (Status.STORED, Status.DUPLICATE, Status.HELD)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one file."""

    fingerprint: bytes
    status: str
    reason: str
    message: str
    study_instance_uid: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload that somebody began and that lacks files."""

    id: UUID
    label: str
    started_at: dt.datetime
    changed_at: dt.datetime
    total_files: int
    total_bytes: int
    answered_files: int


def parse_fingerprint(text: str) -> bytes:
    """Read a fingerprint as it travels: 32 bytes in base64url, without padding."""
    try:
        found = base64.urlsafe_b64decode(text.strip("<> ") + "=")
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != 32:
        raise InvalidInputError("A fingerprint is 32 bytes in base64url.")
    return found


def write_fingerprint(fingerprint: bytes) -> str:
    """Write a fingerprint as it travels."""
    return base64.urlsafe_b64encode(fingerprint).rstrip(b"=").decode("ascii")


def begin_upload(*, actor: Actor, digest: bytes, label: str, total_files: int, total_bytes: int) -> UUID:
    """Begin an upload, or go on with the one of the same files that lacks some.

    Without `total_files` it has no end until `count_upload` tells it: its files go while others are looked at.
    """
    access.require(actor, UPLOAD)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        fresh = Upload(
            tenant_id=actor.tenant_id,
            owner_id=actor.id,
            digest=digest,
            label=label[:120],
            total_files=total_files,
            total_bytes=total_bytes,
        )
        same = Upload.objects.filter(owner_id=actor.id, digest=digest, ended_at=None)
        found: UUID | None = None
        while found is None:
            # The one of the same files may end before it is read.
            insert([fresh], ignore_conflicts=True)
            found = same.values_list("id", flat=True).first()
        return found


def count_upload(*, actor: Actor, upload_id: UUID, total_files: int, total_bytes: int) -> None:
    """Say how many files an upload has, once all were looked at; it ends when each of them is answered."""
    require_upload(actor=actor, upload_id=upload_id)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        Upload.objects.filter(id=upload_id, ended_at=None).update(total_files=total_files, total_bytes=total_bytes)
        _write(actor.tenant_id, upload_id, [])


def require_upload(*, actor: Actor, upload_id: UUID) -> None:
    """Raise unless this is an upload of the actor's own, and he may still upload."""
    with tenant_scope(actor.tenant_id):
        if not Upload.objects.filter(id=upload_id, owner_id=actor.id).exists():
            raise UploadNotFoundError
    access.require(actor, UPLOAD)


def list_answered(*, actor: Actor, upload_id: UUID, fingerprints: Sequence[bytes]) -> list[Answered]:
    """Return which of some files need not be sent: answered in this upload, or stored by an earlier one and there."""
    require_upload(actor=actor, upload_id=upload_id)
    with tenant_scope(actor.tenant_id):
        known = list(UploadedFile.objects.filter(upload_id=upload_id, fingerprint__in=fingerprints))
        gone = _gone(known)
        mine = _answered(row for row in known if row.id not in gone)
        missing = [one for one in fingerprints if one not in mine]
        elsewhere = _stored_elsewhere(missing)
        # Mostly there is nothing to write, and the question waits for no batch that is being stored.
        if gone or elsewhere:
            with transaction.atomic():
                UploadedFile.objects.filter(id__in=gone).delete()
                _write(actor.tenant_id, upload_id, elsewhere)
            mine |= _answered(UploadedFile.objects.filter(upload_id=upload_id, fingerprint__in=missing))
        return list(mine.values())


def _answered(rows: Iterable[UploadedFile]) -> dict[bytes, Answered]:
    return {
        bytes(row.fingerprint): Answered(
            bytes(row.fingerprint), row.status, row.reason, row.message, row.study_instance_uid
        )
        for row in rows
    }


def _gone(rows: Iterable[UploadedFile]) -> set[UUID]:
    """Return which rows are of files that were stored, and whose study was deleted since."""
    stored = {row.id: row.sop_instance_uid for row in rows if row.status in _STORED}
    there = _conflicts(stored.values())
    return {row_id for row_id, uid in stored.items() if uid not in there}


def _conflicts(sop_instance_uids: Iterable[str]) -> dict[str, str]:
    """Return which of some images are there, each with the conflict of its study."""
    there = Instance.objects.filter(sop_instance_uid__in=set(sop_instance_uids), is_binned=False)
    return dict(there.values_list("sop_instance_uid", "study__conflict"))


def _stored_elsewhere(fingerprints: Sequence[bytes]) -> list[UploadedFile]:
    """Return a row for each file that an earlier upload stored, unless its study was deleted meanwhile."""
    earlier = UploadedFile.objects.filter(fingerprint__in=fingerprints, status__in=_STORED)
    by_print = {bytes(row.fingerprint): row for row in earlier}
    held = _conflicts(row.sop_instance_uid for row in by_print.values())
    return [
        UploadedFile(
            fingerprint=fingerprint,
            size_bytes=row.size_bytes,
            status=Status.HELD if held[row.sop_instance_uid] else Status.DUPLICATE,
            study_instance_uid=row.study_instance_uid,
            sop_instance_uid=row.sop_instance_uid,
        )
        for fingerprint, row in by_print.items()
        if row.sop_instance_uid in held
    ]


def note_verdicts(*, actor: Actor, upload_id: UUID, verdicts: Mapping[bytes, Verdict]) -> None:
    """Remember what became of files, in the transaction that stores them."""
    rows = [
        UploadedFile(
            fingerprint=fingerprint,
            size_bytes=verdict.size_bytes,
            status=verdict.status.value,
            reason=verdict.reason,
            message="" if verdict.status is Status.STORED else verdict.message[:400],
            study_instance_uid=verdict.study_instance_uid if verdict.is_stored else "",
            sop_instance_uid=verdict.sop_instance_uid if verdict.is_stored else "",
        )
        for fingerprint, verdict in verdicts.items()
    ]
    _write(actor.tenant_id, upload_id, rows)


def _write(tenant_id: UUID, upload_id: UUID, rows: Iterable[UploadedFile]) -> None:
    """Add rows, and end the upload when nothing lacks; its row is locked first, so that the last batch sees that."""
    moment = now()
    Upload.objects.filter(id=upload_id).update(changed_at=moment)
    written = list(rows)
    for row in written:
        row.tenant_id, row.upload_id = tenant_id, upload_id
    insert(written, ignore_conflicts=True)
    total = _total(upload_id)
    if total and UploadedFile.objects.filter(upload_id=upload_id).count() >= total:
        Upload.objects.filter(id=upload_id, ended_at=None).update(ended_at=moment)


def _total(upload_id: UUID) -> int:
    return int(Upload.objects.values_list("total_files", flat=True).get(id=upload_id))


def list_unfinished(*, actor: Actor) -> list[Unfinished]:
    """List the actor's uploads that lack files, newest first."""
    with tenant_scope(actor.tenant_id):
        found = Upload.objects.filter(owner_id=actor.id, ended_at=None).order_by("-id")
        rows = list(found.annotate(answered=Count("files"))[:20])
    return [
        Unfinished(
            id=row.id,
            label=row.label,
            started_at=row.started_at,
            changed_at=row.changed_at,
            total_files=row.total_files,
            total_bytes=row.total_bytes,
            answered_files=row.answered,
        )
        for row in rows
    ]


def discard_upload(*, actor: Actor, upload_id: UUID) -> None:
    """End an upload that lacks files; what was stored stays."""
    require_upload(actor=actor, upload_id=upload_id)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        pieces.drop(UploadPiece.objects.filter(upload_id=upload_id))
        Upload.objects.filter(id=upload_id, ended_at=None).update(ended_at=now())


def purge() -> int:
    """Forget uploads of all tenants that nobody went on with for thirty days."""
    with platform_scope() as alias:
        stale = list(Upload.objects.using(alias).filter(changed_at__lt=now() - KEPT).values_list("tenant_id", "id"))
    for tenant_id, upload_id in stale:
        with tenant_scope(tenant_id), transaction.atomic():
            pieces.drop(UploadPiece.objects.filter(upload_id=upload_id))
            Upload.objects.filter(id=upload_id).delete()
    return len(stale)
