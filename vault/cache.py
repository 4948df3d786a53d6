"""Keys kept in memory for a while: bounded, and forgotten five minutes after they were read."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# How long a process may still use a key that another one destroyed, when the message about it is lost.
LIFETIME_S = 300.0


class ExpiringCache(Generic[K, V]):
    """The most recently used values, each for a limited time."""

    def __init__(self, *, size: int, lifetime_s: float = LIFETIME_S) -> None:
        self._size = size
        self._lifetime_s = lifetime_s
        self._lock = threading.Lock()
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return a value that is still fresh."""
        found = self.get_until(key)
        return found[1] if found else None

    def get_until(self, key: K) -> tuple[float, V] | None:
        """Return a value that is still fresh, and the instant of the monotonic clock at which it is no more."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            if found[0] <= time.monotonic():
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return found

    def put(self, key: K, value: V, *, until: float | None = None) -> float:
        """Keep a value for the usual time, or until an instant if that is earlier; the least recently used makes room.

        Returns until when it is kept.
        """
        latest = time.monotonic() + self._lifetime_s
        kept_until = latest if until is None else min(until, latest)
        with self._lock:
            self._values[key] = kept_until, value
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)
        return kept_until

    def drop(self, key: K) -> None:
        """Forget one value."""
        with self._lock:
            self._values.pop(key, None)

    def drop_where(self, is_doomed: Callable[[K], bool]) -> None:
        """Forget the values of some keys."""
        with self._lock:
            for key in [key for key in self._values if is_doomed(key)]:
                del self._values[key]

    def expire(self) -> None:
        """Forget what nobody asked for since its time was over."""
        moment = time.monotonic()
        with self._lock:
            for key in [key for key, (until, _) in self._values.items() if until <= moment]:
                del self._values[key]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
