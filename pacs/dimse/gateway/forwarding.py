"""The thread that empties the spool: in batches, in order, again and again until the portal has everything."""

import http.client
import json
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from common import logs
from common.clock import now
from common.crashpoint import crashpoint
from pacs.dimse.gateway.errors import SpoolError
from pacs.dimse.gateway.portal import Answer, PortalEnd, Verdict
from pacs.dimse.gateway.spool import Entry, Spool

log = logs.get("gateway")
BATCH: Final = 50
BATCH_BYTES: Final = 64 << 20
# After a failure; doubled each time up to the longest, with jitter so that gateways do not come back all at once.
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
IDLE_S: Final = 5.0
# Lets the objects of a series gather into one request.
GATHER_S: Final = 0.2
STATUS_FILE: Final = "status.json"


@dataclass(slots=True)
class Forwarder:
    """Sends what is in a spool to a portal."""

    spool: Spool
    portal: PortalEnd
    wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _wait_s: float = FIRST_WAIT_S

    def start(self) -> threading.Thread:
        """Run until stopped."""
        thread = threading.Thread(target=self._run, name="forwarder", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Ask the thread to end; what is under way is sent again at the next start if no answer came."""
        self._stop.set()
        self.wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.wake.clear()
            try:
                is_sent = self._send_next()
            except OSError as error:
                # Of the disk. What it could not let go or set aside is sent again, which the portal knows.
                log.error("gateway.disk_failed", error_type=type(error).__name__)
                is_sent = False
            if is_sent:
                self._wait_s = FIRST_WAIT_S
            else:
                self._stop.wait(self._wait_s * (0.5 + secrets.randbelow(500) / 1000))
                self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def _send_next(self) -> bool:
        """Send the oldest objects, or wait a moment for some; say whether the portal answered for all of them."""
        entries = take(self.spool.entries())
        if entries:
            return self.forward(entries)
        self.wake.wait(IDLE_S)
        self._stop.wait(GATHER_S)
        return True

    def forward(self, entries: Sequence[Entry]) -> bool:
        """Send one batch; say whether the portal answered for all of it."""
        try:
            verdicts = self.portal.send(self.spool, entries)
        except (OSError, http.client.HTTPException) as error:
            self._note("the portal cannot be reached")
            log.warning("gateway.line_failed", count=len(entries), error_type=type(error).__name__)
            return False
        except SpoolError as error:
            return self._without_damaged(entries, error)
        crashpoint("gateway.answered")
        return self._settle(entries, verdicts)

    def _settle(self, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> bool:
        by_answer: dict[Answer, list[tuple[Entry, Verdict]]] = {}
        for entry, verdict in zip(entries, verdicts, strict=True):
            by_answer.setdefault(verdict.answer, []).append((entry, verdict))
        self.spool.remove(entry for entry, _ in by_answer.get(Answer.STORED, []))
        crashpoint("gateway.removed")
        for entry, verdict in by_answer.get(Answer.REFUSED, []):
            self.spool.set_aside(entry, verdict.reason)
            log.warning("gateway.refused", count=1)
        alone = [self.forward([entry]) for entry, _ in by_answer.get(Answer.ALONE, [])]
        waits = Answer.AGAIN in by_answer or Answer.NO_ENTRY in by_answer
        self._note("the portal does not accept the token" if Answer.NO_ENTRY in by_answer else "", is_sent=not waits)
        return not waits and all(alone)

    def _without_damaged(self, entries: Sequence[Entry], error: SpoolError) -> bool:
        """Find the file that cannot be opened; the others do not wait for it."""
        if len(entries) == 1:
            self.spool.set_aside(entries[0], str(error))
            log.error("gateway.damaged", count=1)
            return True
        done = [self.forward([entry]) for entry in entries]
        return all(done)

    def _note(self, problem: str, *, is_sent: bool = False) -> None:
        """Write how things stand for `--status`; it may be lost without harm."""
        path = self.spool.folder / STATUS_FILE
        known: dict[str, Any] = status_of(self.spool.folder)
        known |= {"problem": problem, "at": now().isoformat(timespec="seconds"), "pid": os.getpid()}
        if is_sent:
            known["sent_at"] = known["at"]
        beside = path.with_suffix(".new")
        with suppress(OSError):
            beside.write_text(json.dumps(known), encoding="utf-8")
            beside.replace(path)


def take(entries: Sequence[Entry]) -> list[Entry]:
    """Return the oldest objects that make one request."""
    chosen: list[Entry] = []
    size = 0
    for entry in entries[:BATCH]:
        size += entry.size_bytes
        if chosen and size > BATCH_BYTES:
            break
        chosen.append(entry)
    return chosen


def status_of(folder: Path) -> dict[str, Any]:
    """Return what the forwarder of a spool wrote last."""
    try:
        found = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
