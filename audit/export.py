"""The whole log as one ZIP file that verifies itself, written while it is read."""

import base64
import inspect
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from audit import selectors, verification, verify_audit
from audit.formats import dicom, fhir
from audit.models import AuditCheckpoint
from audit.signing import signer_of
from audit.verify_audit import Row
from common.errors import ForbiddenError
from common.scope import tenant_scope

_BATCH = 1000
_PARTS = {"id", "at", "action", "patient", "study", "subject"}
_README = """\
The audit log {origin}, {size} lines.

    python verify_audit.py {name} --key KEY

verifies it; KEY is the key of the log that the practice gave you (key.txt holds the same one, if nobody changed it).
Without a copy of the key or of a checkpoint that was kept elsewhere, a verification shows only that the file is of one
piece.

events.jsonl        one line an event: index, id, body, hash of the leaf, signature of the leaf
checkpoints.jsonl   signed checkpoints (c2sp.org/tlog-checkpoint)
key.txt             the key of the log: name+id+base64 (c2sp.org/signed-note)
verify_audit.py     the verifier: Python 3.10 or later, nothing else
dicom-audit.xml     the same events as DICOM audit messages (PS3.15 A.5)
fhir-audit.ndjson   the same events as FHIR R4 AuditEvent, one a line

A body holds ids, never names: the practice resolves them while it has the rows.
"""


class _Sink(io.RawIOBase):
    """What the ZIP is written to; each turn takes what has come together."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: object) -> int:
        """Keep bytes."""
        piece = bytes(data)  # type: ignore[call-overload]  # whatever the archive hands over
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        """Return what came together, and forget it."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


@dataclass(frozen=True, slots=True)
class _Log:
    tenant_id: UUID
    origin: str
    size: int
    may_go_on: Callable[[], bool]


def stream(*, tenant_id: UUID, name: str, may_go_on: Callable[[], bool] = lambda: True) -> Iterator[bytes]:
    """Yield the bytes of the ZIP file of a tenant's log as far as it has leaves.

    Parameters
    ----------
    name
        What the file will be called.
    may_go_on
        Asked between some thousand lines: whether who reads may still read. Where not, the file ends unfinished.
    """
    signer = signer_of(tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        state = selectors.log_state()
    log = _Log(tenant_id, signer.name, state.size if state else 0, may_go_on)
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("README.txt", _README.format(origin=log.origin, size=log.size, name=name))
        archive.writestr(verify_audit.KEY, signer.verifier_key + "\n")
        archive.writestr("verify_audit.py", verifier())
        archive.writestr(verify_audit.CHECKPOINTS, _checkpoints(log))
        for member, line_of, (before, after) in _MEMBERS:
            with archive.open(member, "w", force_zip64=True) as file:
                file.write(before)
                for lines in _pages(log, line_of):
                    file.write(lines)
                    yield sink.take()
                file.write(after)
    yield sink.take()


def verifier() -> str:
    """Return the program that verifies exports and proofs."""
    return inspect.getsource(verify_audit)


def _checkpoints(log: _Log) -> bytes:
    with tenant_scope(log.tenant_id):
        found = AuditCheckpoint.objects.filter(size__lte=log.size).order_by("size", "id")
        rows = list(found.values_list("signed_at", "size", "note"))
    return b"".join(
        orjson.dumps({"at": at, "size": size, "checkpoint": note}, option=orjson.OPT_APPEND_NEWLINE)
        for at, size, note in rows
    )


def _pages(log: _Log, line_of: Callable[[Row, str], bytes]) -> Iterator[bytes]:
    """Yield the lines a page at a time, each page read in a scope of its own."""
    for start in range(0, log.size, _BATCH):
        if not log.may_go_on():
            raise ForbiddenError("The right to read the log ended while it was read.")
        with tenant_scope(log.tenant_id):
            page = verification.page(log.tenant_id, start, min(start + _BATCH, log.size))
        yield b"".join(line_of(row, log.origin) for row in page)


def _event(row: Row, _origin: str) -> bytes:
    line = {
        "index": row.index,
        "event": row.event,
        "body": row.body.decode(errors="replace"),
        "leaf": base64.b64encode(row.leaf).decode(),
        "signature": base64.b64encode(row.signature).decode(),
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _dicom(row: Row, origin: str) -> bytes:
    body = _read(row)
    return dicom.message(body, origin=origin).encode() + b"\n" if body else b""


def _fhir(row: Row, origin: str) -> bytes:
    body = _read(row)
    return orjson.dumps(fhir.resource(body, origin=origin), option=orjson.OPT_APPEND_NEWLINE) if body else b""


def _read(row: Row) -> dict[str, Any] | None:
    """Return the event of a line; None where somebody put something else there: the verifier names it."""
    try:
        body: dict[str, Any] = orjson.loads(row.body)
        return body if body["actor"]["id"] and body.keys() >= _PARTS else None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


_MEMBERS: tuple[tuple[str, Callable[[Row, str], bytes], tuple[bytes, bytes]], ...] = (
    (verify_audit.EVENTS, _event, (b"", b"")),
    ("dicom-audit.xml", _dicom, (b'<?xml version="1.0" encoding="UTF-8"?>\n<AuditMessages>\n', b"</AuditMessages>\n")),
    ("fhir-audit.ndjson", _fhir, (b"", b"")),
)
