"""Every event and its handlers, on one page."""

from typing import Any

from outbox.events import Event
from pacs import handlers as pacs
from pacs.events import SeriesReceived
from sharing import handlers as sharing
from sharing.events import LinkLocked


def handlers() -> dict[type[Event], list[Any]]:
    """Return who reacts to what."""
    return {
        SeriesReceived: [pacs.prepare_series],
        LinkLocked: [sharing.notify_sender],
    }
