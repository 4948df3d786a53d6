"""A worker gives events their leaves every second, whatever else it is busy with."""

import threading

from django.db import close_old_connections, connection

from audit import services
from common import logs

log = logs.get("audit")
PAUSE_S = 1.0


def start(stop: threading.Event) -> threading.Thread:
    """Start the thread; it ends after `stop` is set, with what waits at that moment done."""
    thread = threading.Thread(target=_run, args=(stop,), name="audit-sequencer", daemon=True)
    thread.start()
    return thread


def _run(stop: threading.Event) -> None:
    is_last = False
    while not is_last:
        is_last = stop.wait(PAUSE_S)
        close_old_connections()
        try:
            services.sequence_everything()
            services.tell_void_numbers()
        except Exception as error:  # noqa: BLE001  events wait in the database until the next turn
            log.error("log.not-sequenced", error_type=type(error).__name__)
    connection.close()
