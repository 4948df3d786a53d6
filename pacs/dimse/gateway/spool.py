"""The spool: one sealed file an object, in a folder whose listing is the queue.

A file is written beside, synced, renamed, and the folder synced, before its object is acknowledged; it is removed after
the portal has acknowledged it. Whenever the power fails, what is in the folder is what is left to send: at worst an
object is sent twice, which the portal knows.

A file is ``BWG1``, 16 random bytes that its key is derived with, and segments of AES-256-GCM: nonces count, and the
last segment is marked in its associated data, so that a file cut short is no file.
"""

import os
import secrets
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from common.crashpoint import crashpoint
from common.disks import free_bytes, sync_path
from common.errors import StorageFullError
from common.ids import uuid7
from pacs.dimse.gateway.errors import SpoolError

MAGIC: Final = b"BWG1"
SEGMENT: Final = 65_536
TAG: Final = 16
_SALT: Final = 16
KEY_BYTES: Final = 32
# A gateway that fills its disk stops taking objects while it can still work.
RESERVE_BYTES: Final = 256 << 20
_SUFFIX: Final = ".obj"


def read_key(path: Path) -> bytes:
    """Return the key of a spool, made on first use; apart from the spool, and readable by its owner alone.

    Raises
    ------
    SpoolError
        If the file is there and holds no key.
    """
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY_BYTES)
        beside = path.with_name(f".{path.name}.{uuid7()}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            _write_durably(file, key)
        with suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
        sync_path(path.parent)
        key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SpoolError("The key file has {size} bytes instead of {wanted}.", size=len(key), wanted=KEY_BYTES)
    return key


@dataclass(frozen=True, slots=True)
class Entry:
    """One object that waits, in the order in which it came."""

    path: Path
    size_bytes: int


class Spool:
    """The queue of a gateway.

    Parameters
    ----------
    folder
        Its own; made where it lacks.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._key = key
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.refused.mkdir(exist_ok=True, mode=0o700)
        for half in folder.glob("*.part"):
            # Begun when the power failed, and never acknowledged.
            half.unlink(missing_ok=True)

    @property
    def refused(self) -> Path:
        """Where what the portal does not want is kept, sealed, for a human."""
        return self.folder / "refused"

    def put(self, blocks: Iterable[bytes | memoryview]) -> Path:
        """Write an object durably; when this returns it survives loss of power.

        Raises
        ------
        StorageFullError
            If there is no room, or nearly none.
        """
        if free_bytes(self.folder) < RESERVE_BYTES:
            raise StorageFullError
        name = f"{uuid7()}{_SUFFIX}"
        part = self.folder / f"{name}.part"
        try:
            with part.open("xb") as file:
                for piece in self._sealed(blocks):
                    file.write(piece)
                crashpoint("gateway.written")
                file.flush()
                os.fsync(file.fileno())
            crashpoint("gateway.synced")
            part.rename(self.folder / name)
            sync_path(self.folder)
        except OSError:
            part.unlink(missing_ok=True)
            raise StorageFullError from None
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        crashpoint("gateway.spooled")
        return self.folder / name

    def _sealed(self, blocks: Iterable[bytes | memoryview]) -> Iterator[bytes]:
        salt = secrets.token_bytes(_SALT)
        cipher = _cipher(self._key, salt)
        yield MAGIC + salt
        held, number = bytearray(), 0
        for block in blocks:
            held += block
            while len(held) > SEGMENT:
                yield cipher.encrypt(_nonce(number), bytes(held[:SEGMENT]), b"\0")
                del held[:SEGMENT]
                number += 1
        yield cipher.encrypt(_nonce(number), bytes(held), b"\1")

    def entries(self) -> list[Entry]:
        """List what waits, the oldest first."""
        found = []
        for path in sorted(self.folder.glob(f"*{_SUFFIX}")):
            with suppress(FileNotFoundError):
                found.append(Entry(path, path.stat().st_size))
        return found

    def read(self, entry: Entry) -> Iterator[bytes]:
        """Yield an object; nothing of a segment before it is verified.

        Raises
        ------
        SpoolError
            If the file cannot be read, is damaged, cut short, or sealed with another key.
        """
        try:
            with entry.path.open("rb") as file:
                yield from self._plain(file, entry.size_bytes)
        except OSError as error:
            # Not of the line, as whoever sends it would think.
            raise SpoolError("A file of the spool cannot be read: {kind}.", kind=type(error).__name__) from None

    def _plain(self, file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
        head = file.read(len(MAGIC) + _SALT)
        if head[: len(MAGIC)] != MAGIC or len(head) != len(MAGIC) + _SALT:
            raise SpoolError("A file of the spool has a damaged head.")
        yield from self._opened(file, _cipher(self._key, head[len(MAGIC) :]), size_bytes - len(head))

    @staticmethod
    def _opened(file: BinaryIO, cipher: AESGCM, left: int) -> Iterator[bytes]:
        number = 0
        while True:
            sealed = file.read(SEGMENT + TAG)
            left -= len(sealed)
            try:
                yield cipher.decrypt(_nonce(number), sealed, b"\0" if left else b"\1")
            except (InvalidTag, ValueError):
                raise SpoolError("A file of the spool is damaged.") from None
            number += 1
            if not left:
                return

    def remove(self, entries: Iterable[Entry]) -> None:
        """Drop what the portal has acknowledged."""
        for entry in entries:
            entry.path.unlink(missing_ok=True)
        sync_path(self.folder)

    def set_aside(self, entry: Entry, reason: str) -> None:
        """Keep what the portal refused, with the reason beside it, out of the queue."""
        (self.refused / f"{entry.path.stem}.txt").write_text(f"{reason}\n", encoding="utf-8")
        with suppress(FileNotFoundError):
            entry.path.rename(self.refused / entry.path.name)
        sync_path(self.folder)

    def count_refused(self) -> int:
        """Count what was set aside."""
        return sum(1 for _ in self.refused.glob(f"*{_SUFFIX}"))


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"bitewing gateway spool").derive(key))


def _nonce(number: int) -> bytes:
    return struct.pack(">4xQ", number)


def _write_durably(file: BinaryIO, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def plain_size(sealed_bytes: int) -> int:
    """Return the size of an object from that of its file."""
    body = sealed_bytes - len(MAGIC) - _SALT
    segments = max(1, -(-body // (SEGMENT + TAG)))
    return body - segments * TAG
