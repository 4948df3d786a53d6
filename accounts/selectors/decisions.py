"""Decisions kept in this process for a few seconds: a viewer asks a thousand times in that time."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

# A revoked credential stops within this time: decisions are kept no longer.
CACHE_S = 5.0
_kept: dict[object, tuple[float, object]] = {}


def keep(key: object, read: Callable[[], Value]) -> Value:
    """Return what was read under this key lately, or read it; the first word of a key is its kind."""
    hit = _kept.get(key)
    if hit is not None and time.monotonic() - hit[0] < CACHE_S:
        return hit[1]  # type: ignore[return-value]  # keyed by kind
    value = read()
    if len(_kept) > 4096:
        _kept.clear()
    _kept[key] = (time.monotonic(), value)
    return value


def forget() -> None:
    """Drop the decisions kept in this process."""
    _kept.clear()
