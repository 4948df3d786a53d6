"""Events of an emergency that the database refused: sealed files of this machine, until the log takes them.

A patient's life does not wait for a database that writes again. Whoever broke the glass goes on reading, and what would
have been a row becomes a file: written beside, synced, renamed, and its folder synced, before the first byte leaves.
Where that fails, too, nothing leaves.

A file is ``BWA1``, 16 random bytes that its key is derived with, and one message of AES-256-GCM: the bodies of its
events, a line each, as they will be hashed.
"""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from audit.errors import NotWrittenError, SpoolDamagedError
from common.disks import free_bytes, sync_path

MAGIC: Final = b"BWA1"
# Room for some days of reading in an emergency; beyond that somebody has to look.
MAX_FILES: Final = 20_000
RESERVE_BYTES: Final = 64 << 20
_SALT: Final = 16
_SUFFIX: Final = ".events"
# A key seals one file and no other.
_NONCE: Final = bytes(12)


class Spool:
    """The files of one folder; processes of one machine share it.

    Parameters
    ----------
    folder
        Made at the first event.
    secret_keys
        Whose first one seals; the others are former ones, which open what was sealed before they were replaced.
    """

    def __init__(self, folder: Path, secret_keys: Sequence[str]) -> None:
        self._folder = folder
        self._secret_keys = list(secret_keys)

    def put(self, name: str, bodies: Sequence[bytes]) -> None:
        """Write events durably; when this returns they survive loss of power.

        Raises
        ------
        NotWrittenError
            If the disk is full, nearly full, or refuses.
        """
        try:
            self._make_room()
            self._write(name, self._seal(b"\n".join(bodies)))
        except OSError:
            raise NotWrittenError from None

    def waiting(self) -> list[Path]:
        """List the files that wait, the oldest first."""
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def read(self, path: Path) -> list[bytes]:
        """Return the bodies of a file.

        Raises
        ------
        SpoolDamagedError
            If it is not what was written.
        FileNotFoundError
            If another process has brought its events into the log meanwhile.
        """
        content = path.read_bytes()
        head, sealed = content[: len(MAGIC) + _SALT], content[len(MAGIC) + _SALT :]
        if head.startswith(MAGIC):
            for secret_key in self._secret_keys:
                with suppress(InvalidTag, ValueError):
                    return _cipher(secret_key, head[len(MAGIC) :]).decrypt(_NONCE, sealed, head).split(b"\n")
        raise SpoolDamagedError

    def remove(self, path: Path) -> None:
        """Drop a file whose events are in the log."""
        path.unlink(missing_ok=True)
        sync_path(self._folder)

    def set_aside(self, path: Path) -> None:
        """Keep a damaged file for a human, where nothing waits for it."""
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(".damaged"))
        sync_path(self._folder)

    def _make_room(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if free_bytes(self._folder) < RESERVE_BYTES or len(list(self._folder.iterdir())) >= MAX_FILES:
            raise NotWrittenError

    def _seal(self, plain: bytes) -> bytes:
        head = MAGIC + secrets.token_bytes(_SALT)
        return head + _cipher(self._secret_keys[0], head[len(MAGIC) :]).encrypt(_NONCE, plain, head)

    def _write(self, name: str, content: bytes) -> None:
        part = self._folder / f"{name}.part"
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self._folder / f"{name}{_SUFFIX}")
        except OSError:
            part.unlink(missing_ok=True)
            raise
        sync_path(self._folder)


def of_this_machine() -> Spool:
    """Return the spool under the data folder."""
    folder = Path(settings.BITEWING_DATA_DIR) / "audit-spool"
    former: list[str] = [str(one) for one in settings.SECRET_KEY_FALLBACKS]
    return Spool(folder, [settings.SECRET_KEY, *former])


def _cipher(secret_key: str, salt: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"bitewing/audit/spool").derive(secret_key.encode())
    return AESGCM(derived)
