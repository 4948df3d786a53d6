"""Evidence: files that show an answer to be true, sealed in the vault."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.scope import tenant_scope
from compliance import files
from compliance.analysis import selectors
from compliance.analysis.errors import FileRefusedError
from compliance.analysis.services.answering import require_writer
from compliance.analysis.services.locking import lock
from compliance.models import AnswerFile

MAX_BYTES = 20 << 20
MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came; its name and kind are only ever shown and sent back as they are."""

    file_name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it goes out."""

    file_name: str
    media_type: str
    data: bytes = field(repr=False)


def attach_file(*, actor: Actor, analysis_id: UUID, question_id: str, upload: Upload) -> AnswerFile:
    """Keep a file beside an answer; the same bytes again change nothing."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        answer = selectors.get_answer(actor=actor, analysis_id=analysis_id, question_id=question_id)
        require_writer(actor, answer)
        selectors.require_open(answer.analysis, answer.section_id)
        _check(upload, selectors.list_files([answer.id]))
        kept = files.keep(tenant_id=actor.tenant_id, data=upload.data)
        row: AnswerFile
        row, is_new = AnswerFile.objects.get_or_create(
            tenant_id=actor.tenant_id,
            answer=answer,
            sha256=_hex(kept.sha256),
            removed_at=None,
            defaults={
                "file_name": upload.file_name[-200:],
                "media_type": upload.media_type[:100],
                "size_bytes": kept.size_bytes,
                "blob_id": kept.blob_id,
                "added_by_id": actor.id if actor.kind is ActorKind.USER else None,
            },
        )
        if is_new:
            audit.record(
                actor=actor, action="analysis.evidence-added", subject_id=row.id, detail={"question": question_id}
            )
    return row


def remove_file(*, actor: Actor, file_id: UUID) -> AnswerFile:
    """Take a file off an answer; what was issued with it keeps its name and hash."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        row = selectors.get_file(actor=actor, file_id=file_id)
        require_writer(actor, row.answer)
        selectors.require_open(row.answer.analysis, row.answer.section_id)
        AnswerFile.objects.filter(id=file_id, removed_at=None).update(removed_at=now())
        audit.record(actor=actor, action="analysis.evidence-removed", subject_id=file_id)
    return row


def open_file(*, actor: Actor, file_id: UUID) -> Opened:
    """Return a file of evidence; the reading is in the audit log."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_file(actor=actor, file_id=file_id)
        audit.record(actor=actor, action="analysis.evidence-read", subject_id=file_id)
        data = files.read(tenant_id=actor.tenant_id, blob_id=row.blob_id)
    return Opened(file_name=row.file_name, media_type=row.media_type, data=data)


def _check(upload: Upload, present: list[AnswerFile]) -> None:
    if not upload.data:
        raise FileRefusedError("The file is empty.")
    if len(upload.data) > MAX_BYTES:
        raise FileRefusedError("A file of evidence has at most {size} MB.", size=MAX_BYTES >> 20)
    if len(present) >= MAX_FILES:
        raise FileRefusedError("An answer has at most {count} files.", count=MAX_FILES)


def _hex(digest: bytes | str) -> str:
    return digest if isinstance(digest, str) else digest.hex()
