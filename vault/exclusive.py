"""One at a time, of all processes: a lock that goes with the process, or with its session in the database.

SQLite lives on one machine: a lock on a file of the data folder. PostgreSQL: an advisory lock of the session.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from common.errors import UnavailableError
from common.scope import ScopeError, current_tenant_id
from vault import sql

# An escrow and an index are small: who holds it longer has lost a store, or its line to the database.
_TRIES, _PAUSE_S = 600, 0.1


@contextmanager
def barrier_of(tenant_id: UUID) -> Iterator[bool]:
    """Hold the barrier of a tenant until the block ends; yields whether it is ours."""
    if current_tenant_id() is not None:
        raise ScopeError("a barrier opens its own transactions")
    with _held(b"barrier" + tenant_id.bytes, f"barrier-{tenant_id}") as is_mine:
        yield is_mine


def escrow() -> AbstractContextManager[None]:
    """Hold the escrow until the block ends, waiting for whoever has it.

    Raises
    ------
    UnavailableError
        If it is not given back in time.
    """
    return _awaited("escrow")


def backup_index() -> AbstractContextManager[None]:
    """Hold the list of the backups, as `escrow` does."""
    return _awaited("backup-index")


@contextmanager
def _awaited(name: str) -> Iterator[None]:
    for _ in range(_TRIES):
        with _held(name.encode(), name) as is_mine:
            if is_mine:
                yield
                return
        time.sleep(_PAUSE_S)
    raise UnavailableError("Another process holds the {name}.", name=name.replace("-", " "))


def _held(name: bytes, file_name: str) -> AbstractContextManager[bool]:
    return _by_session(name) if connection.vendor == "postgresql" else _by_file(file_name)


@contextmanager
def _by_session(name: bytes) -> Iterator[bool]:
    number = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
    is_mine = sql.try_lock(number)
    try:
        yield is_mine
    finally:
        if is_mine and connection.is_usable():
            sql.unlock(number)


@contextmanager
def _by_file(name: str) -> Iterator[bool]:
    folder = Path(settings.BITEWING_DATA_DIR) / "locks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
