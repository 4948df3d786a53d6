"""A watched place, a folder or a bucket: others leave their files there, and they are taken.

What is complete is taken oldest first, and moved to ``done`` or ``failed`` after the commit; whoever is killed in
between takes it again, and the store knows it already. For the same reason two processes may watch one place.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final, Protocol

from common import logs
from common.actor import Actor
from common.crashpoint import crashpoint
from common.errors import DomainError
from pacs.intake.batch import Batch
from pacs.intake.folder import BATCH_BYTES, Import, files_inside
from pacs.intake.verdicts import Verdict

log = logs.get("intake")
SOURCE: Final = "watch"
DONE: Final = "done"
FAILED: Final = "failed"
BLOCK: Final = 256 * 1024
MAX_FILES: Final = 200
# What programs call a file that they are still writing.
_UNFINISHED: Final = (".part", ".tmp", ".temp", ".crdownload", ".filepart", ".partial")


class UnreadableError(Exception):
    """What was to be read is gone, replaced, or not ours to read: the next look will tell. It says why, no name."""


class Dropped(Protocol):
    """Something that somebody left, and that is complete."""

    @property
    def name(self) -> str:
        """What it is called, without its folders."""

    def open(self) -> BinaryIO:
        """Open it; this and what reads it raise UnreadableError or OSError where only this one cannot be read."""

    def move(self, reason: str) -> bool:
        """Move it to `done`, or to `failed` with the reason; say no when it is not there any more."""


class Place(Protocol):
    """Where things are left."""

    def list_ready(self) -> Sequence[Dropped]:
        """List what is complete, the oldest first."""


@dataclass(slots=True)
class Looked:
    """What one look did."""

    stored: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Takes for one actor what is left at one place."""

    actor: Actor
    place: Place

    def look(self) -> Looked:
        """Take what is complete; what cannot be stored for want of a store waits for the next look."""
        looked = Looked()
        ready = deque(self.place.list_ready())
        archives: list[Dropped] = []
        while ready:
            archives += self._take(ready, looked)
        for one in archives:
            self._take_archive(one, looked)
        return looked

    def _take(self, ready: deque[Dropped], looked: Looked) -> list[Dropped]:
        """Take one batch; return the archives that were met."""
        taken: list[tuple[Dropped, Verdict]] = []
        archives = []
        with Batch(actor=self.actor, source=SOURCE) as batch:
            while ready and len(taken) < MAX_FILES and batch.size_bytes < BATCH_BYTES:
                one = ready.popleft()
                try:
                    with one.open() as file:
                        if files_inside(file) is None:
                            taken.append((one, batch.add(iter(partial(file.read, BLOCK), b""))))
                        else:
                            archives.append(one)
                except (OSError, UnreadableError) as error:
                    _tell(error)
                    del batch.items[len(taken) :]
            batch.commit()
        crashpoint("watch.committed")
        for one, verdict in taken:
            _move(one, "" if verdict.is_stored else verdict.message, looked)
        return archives

    def _take_archive(self, one: Dropped, looked: Looked) -> None:
        taken = Import(actor=self.actor, source=SOURCE)
        reasons = []
        try:
            with one.open() as file:
                taken.add_file(one.name, file)
            taken.commit()
        except (OSError, UnreadableError) as error:
            _tell(error)
            return
        except DomainError as error:
            if error.status >= 500:
                raise
            reasons.append(error.full_text)
        finally:
            taken.abort()
        refused = [outcome for outcome in taken.outcomes if not outcome.verdict.is_stored]
        reasons += [f"{outcome.name}: {outcome.verdict.message}" for outcome in refused]
        _move(one, "\n".join(reasons), looked)


def _move(one: Dropped, reason: str, looked: Looked) -> None:
    try:
        is_moved = one.move(reason)
    except OSError as error:
        # The next look takes it again; the text of an OSError has the name in it.
        log.warning("file.not_moved", error_type=type(error).__name__)
        return
    if not is_moved:
        log.info("file.not_moved")
    elif reason:
        looked.failed += 1
    else:
        looked.stored += 1


def _tell(error: OSError | UnreadableError) -> None:
    # The text of an OSError has the name in it.
    reason = str(error) if isinstance(error, UnreadableError) else type(error).__name__
    log.warning("file.unreadable", error_type=reason)


def is_left_alone(parts: Sequence[str]) -> bool:
    """Say whether a name, given in its parts, is hidden, a folder's, or one that a program still writes to."""
    is_hidden = any(part.startswith(".") for part in parts)
    return is_hidden or not parts[-1] or parts[-1].lower().endswith(_UNFINISHED)
