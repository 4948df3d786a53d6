"""Processes that die at a named mark, forked from the test: they have its database, its store and its keyring."""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.db import connection, connections

from common import crashpoint
from outbox import heartbeat  # noqa: F401  imported before the fork, as everything that a child needs
from tests.hostile.crashing import becomes_true


def dies_at(mark: str, work: Callable[[], object]) -> bool:
    """Do work in a process that dies at a mark; say whether it came to that."""
    status = _ends_with(work, mark)
    assert status in {0, 1, -signal.SIGKILL}, f"the process ended by itself, with {status}"
    return status == -signal.SIGKILL


def does(work: Callable[[], object]) -> bool:
    """Do work in a process that nothing happens to; say whether it ended well."""
    return _ends_with(work, "") == 0


def begin(work: Callable[[], object], mark: str = "") -> int:
    """Begin work in a process of its own and return its id."""
    connections.close_all()
    gc.collect()
    # SQLite takes what a process inherits for its own, and removes the log of the others as it closes it.
    assert not _open_databases(), "something keeps a connection to the database"
    child = os.fork()
    if child == 0:
        # What other tests have left may need threads to end, and this process has none of them.
        gc.disable()
        status = 1
        try:
            crashpoint._NAME = mark
            _sign(_name_of(os.getpid()))
            work()
            connections.close_all()
            status = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            sys.stderr.flush()
            os._exit(status)
    return child


def end_of(child: int) -> int:
    """Wait for a process, and for the database to notice; return its status, negative where a signal ended it."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    # What it had locked is locked until then.
    assert becomes_true(lambda: not _has_sessions(_name_of(child)))
    return status


def _open_databases() -> list[str]:
    """Return the open files of an embedded database, whatever their names have become."""
    opened = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            opened.append(str(descriptor.readlink()))
    return [path for path in opened if path.startswith(str(connection.settings_dict["NAME"]))]


def _name_of(process: int) -> str:
    return f"dying-{process}"


def _sign(name: str) -> None:
    """Have the database know connections that are opened from now on by a name."""
    for one in connections.all():
        if one.vendor == "postgresql":
            one.settings_dict["OPTIONS"]["application_name"] = name


def _has_sessions(name: str) -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return bool(cursor.fetchone()[0])


def _ends_with(work: Callable[[], object], mark: str) -> int:
    return end_of(begin(work, mark))
