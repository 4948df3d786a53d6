"""One barrier of a tenant at a time: a lock that goes with the process, or with its session in the database."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from common.scope import ScopeError, current_tenant_id
from vault import sql


@contextmanager
def barrier_of(tenant_id: UUID) -> Iterator[bool]:
    """Hold the barrier of a tenant until the block ends; yields whether it is ours.

    SQLite lives on one machine: a lock on a file of the data folder. PostgreSQL: an advisory lock of the session.
    """
    if current_tenant_id() is not None:
        raise ScopeError("a barrier opens its own transactions")
    holder = _by_session if connection.vendor == "postgresql" else _by_file
    with holder(tenant_id) as is_mine:
        yield is_mine


@contextmanager
def _by_session(tenant_id: UUID) -> Iterator[bool]:
    digest = hashlib.sha256(b"barrier" + tenant_id.bytes).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    is_mine = sql.try_lock(number)
    try:
        yield is_mine
    finally:
        if is_mine and connection.is_usable():
            sql.unlock(number)


@contextmanager
def _by_file(tenant_id: UUID) -> Iterator[bool]:
    folder = Path(settings.BITEWING_DATA_DIR) / "locks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / f"barrier-{tenant_id}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
