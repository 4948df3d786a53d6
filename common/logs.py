"""The portal's logger: only allow-listed keys reach a line; others are dropped and their names counted."""

from collections import Counter
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "exc_info",
        "stack_info",
        "exception",
        "tenant_id",
        "actor_id",
        "study_id",
        "series_id",
        "instance_id",
        "blob_id",
        "object_id",
        "link_id",
        "event_id",
        "topic",
        "task",
        "attempt",
        "code",
        "status",
        "method",
        "route",
        "count",
        "size_bytes",
        "duration_ms",
        "path_name",
        "port",
        "pid",
        "error_type",
        "source",
    }
)
dropped: Counter[str] = Counter()


def keep_allowed_keys(_logger: Any, _method: str, event: Any) -> Any:
    """Drop every key that is not allow-listed (a structlog processor)."""
    for key in [key for key in event if key not in ALLOWED_KEYS and not key.startswith("_")]:
        del event[key]
        dropped[key] += 1
    return event


def get(name: str) -> Any:
    """Return the logger of one package."""
    return structlog.get_logger(f"bitewing.{name}")
