"""Keys kept in memory for a while: bounded, and forgotten five minutes after they were read."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
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

    def get(self, key: K) -> V | None:
        """Return a value that is still fresh."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            if found[0] < time.monotonic():
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return found[1]

    def put(self, key: K, value: V) -> None:
        """Keep a value; the least recently used one makes room."""
        with self._lock:
            self._values[key] = time.monotonic() + self._lifetime_s, value
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget one value."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
