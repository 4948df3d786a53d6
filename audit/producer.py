"""A process as a producer of events: it numbers them for each tenant, so that a lost one leaves a gap.

A transaction that is rolled back takes its number with it. The process says so afterwards in an event of its own: what
then still lacks was removed.
"""

import os
import threading
import time
from collections import defaultdict
from uuid import UUID

from common.ids import uuid7


class Producer:
    """An id, and a count for each tenant."""

    def __init__(self) -> None:
        self.id = uuid7()
        self._lock = threading.Lock()
        self._last: dict[UUID, int] = defaultdict(int)
        self._open: dict[tuple[UUID, int], float] = {}

    def take(self, tenant_id: UUID) -> int:
        """Return the next number of a tenant, from 1; it is open until `settle`."""
        with self._lock:
            self._last[tenant_id] += 1
            number = self._last[tenant_id]
            self._open[tenant_id, number] = time.monotonic()
            return number

    def settle(self, tenant_id: UUID, number: int) -> None:
        """Say that the event of a number is committed."""
        with self._lock:
            self._open.pop((tenant_id, number), None)

    def give_up(self, *, after_s: float) -> dict[UUID, list[int]]:
        """Return the numbers that have been open for longer, and take them for rolled back."""
        with self._lock:
            limit = time.monotonic() - after_s
            overdue = sorted(key for key, taken in self._open.items() if taken <= limit)
            for key in overdue:
                del self._open[key]
        void: dict[UUID, list[int]] = defaultdict(list)
        for tenant_id, number in overdue:
            void[tenant_id].append(number)
        return void


_this = Producer()


def this() -> Producer:
    """Return the producer of this process."""
    return _this


def _begin_anew() -> None:
    """Be another producer after a fork: two processes must not give the same number."""
    global _this  # noqa: PLW0603  the one state of this module
    _this = Producer()


os.register_at_fork(after_in_child=_begin_anew)
