"""Every event and its handlers, on one page."""

from typing import Any

from outbox.events import Event


def handlers() -> dict[type[Event], list[Any]]:
    """Return who reacts to what."""
    return {}
