"""A web process writes its counts of frames every few seconds, and once more when it ends; and empties its spool."""

import atexit
import threading

from django.db import close_old_connections

from audit import services
from common import logs

log = logs.get("audit")


def start() -> None:
    """Start the thread of this process."""
    threading.Thread(target=_run, name="audit-flusher", daemon=True).start()
    atexit.register(services.flush_counts)


def _run() -> None:
    pause = threading.Event()
    while not pause.wait(services.FLUSH_S):
        close_old_connections()
        try:
            services.flush_counts()
            services.tell_void_numbers()
            services.drain_spool()
        except Exception as error:  # noqa: BLE001  the counts are kept and written at the next turn
            log.error("counts.not-flushed", error_type=type(error).__name__)
