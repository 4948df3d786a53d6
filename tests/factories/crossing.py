"""Two who do something at the same moment, on PostgreSQL: the second waits for what the first has not committed."""

import threading
import time
from collections.abc import Callable

from django.db import connection

from accounts.models import Tenant
from common.errors import DomainError
from common.scope import tenant_transaction

PATIENCE_S = 30.0


def waits_for_a_lock() -> bool:
    """Say whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def wait_for(other: threading.Thread) -> None:
    """Wait until the other waits for what this connection holds, or is over."""
    deadline = time.monotonic() + PATIENCE_S
    while other.is_alive() and not waits_for_a_lock():
        assert time.monotonic() < deadline


def beside(act: Callable[[], object]) -> threading.Thread:
    """Begin something on a connection of its own."""

    def work() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def cross(tenant: Tenant, first: Callable[[], object], second: Callable[[], object]) -> list[type[Exception]]:
    """Do the second while the first is done and not committed; return how it was refused."""
    refused: list[type[Exception]] = []

    def attempt() -> None:
        try:
            second()
        except DomainError as error:
            refused.append(type(error))

    with tenant_transaction(tenant.id):
        first()
        other = beside(attempt)
        wait_for(other)
    other.join()
    return refused
