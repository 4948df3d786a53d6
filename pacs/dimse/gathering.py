"""Group commit: what several associations of one device have staged is made durable together.

Nobody waits for company. Whoever comes while nothing is being committed commits at once; whoever comes during a commit
waits for its end, and the first of those takes all of them along. One association alone therefore loses no time.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from django.db import Error

from common.errors import DomainError
from pacs.intake import Batch, Verdict
from pacs.intake.arriving import Arrivals
from vault import services as vault
from vault.keys_of_studies import KeyHandle

# As many files as one transaction may hold, so that nobody waits for long.
MAX_FILES: Final = 500
# A key is read anew after this time: its study may have gone to the bin.
KEY_S: Final = 1.0


@dataclass(slots=True)
class _Ticket:
    batch: Batch
    is_done: bool = False
    error: BaseException | None = None


@dataclass(slots=True)
class Gatherer:
    """Commits the batches of one device."""

    tenant_id: UUID
    _queue: list[_Ticket] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _arrivals: Arrivals = field(default_factory=Arrivals)
    _keys: dict[str, tuple[float, KeyHandle]] = field(default_factory=dict)

    def keys_of_studies(self, names: Sequence[str]) -> dict[str, KeyHandle]:
        """Return the keys of studies: the same for all associations, also before they have a row."""
        with self._lock:
            known = {name: self._keys[name][1] for name in names if name in self._keys and self._is_fresh(name)}
            missing = [name for name in names if name not in known]
            if missing:
                self._keys = {name: kept for name, kept in self._keys.items() if self._is_fresh(name)}
                found = vault.keys_for(tenant_id=self.tenant_id, names=missing)
                self._keys |= {name: (time.monotonic(), key) for name, key in found.items()}
                known |= found
            return known

    def look_again(self) -> None:
        """Read all keys anew: whoever connects may send again what somebody has just deleted."""
        with self._lock:
            self._keys = {name: kept for name, kept in self._keys.items() if kept[1].is_new}

    def _is_fresh(self, name: str) -> bool:
        asked, key = self._keys[name]
        return key.is_new or time.monotonic() - asked < KEY_S

    def commit(self, batch: Batch) -> list[Verdict]:
        """Make a batch durable, with whatever else waits; return its verdicts.

        Raises
        ------
        DomainError, django.db.Error
            What `Batch.commit` raises; nothing of this batch is kept then.
        """
        try:
            batch.sync_soon()
        except BaseException as error:
            batch.abort(after=error)
            raise
        ticket = _Ticket(batch)
        with self._lock:
            self._queue.append(ticket)
        with self._turn:
            if not ticket.is_done:
                self._commit_waiting(ticket)
        if ticket.error is not None:
            raise ticket.error
        return [item.verdict for item in batch.items]

    def tell_rest(self) -> None:
        """Tell the access log what came since it was told last: the device pauses, or has sent all."""
        with self._turn:
            self._arrivals.announcements.tell_rest()

    def _commit_waiting(self, own: _Ticket) -> None:
        taken = self._take(own)
        try:
            self._commit(taken)
        finally:
            for ticket in taken:
                ticket.is_done = True
            self._settle({name for ticket in taken for name in ticket.batch.key_names})

    def _take(self, own: _Ticket) -> list[_Ticket]:
        """Return what waits, `own` certainly, up to the size of a transaction."""
        with self._lock:
            taken, files = [own], len(own.batch.items)
            for ticket in self._queue:
                if ticket is not own and files + len(ticket.batch.items) <= MAX_FILES:
                    taken.append(ticket)
                    files += len(ticket.batch.items)
            self._queue = [ticket for ticket in self._queue if ticket not in taken]
            return taken

    def _commit(self, taken: list[_Ticket]) -> None:
        try:
            Batch.joined([ticket.batch for ticket in taken]).try_commit(arrivals=self._arrivals)
        except (DomainError, Error) as error:
            if len(taken) == 1 or not isinstance(error, DomainError):
                _give_up(taken, error)
                return
        except BaseException as error:
            _give_up(taken, error)
            raise
        else:
            return
        # One of them cannot be kept: the others do not suffer for it.
        for ticket in taken:
            try:
                ticket.batch.commit()
            except (DomainError, Error) as error:
                ticket.error = error

    def _settle(self, names: set[str]) -> None:
        """Forget keys that were new: what the database says of them holds from now on."""
        with self._lock:
            for name in names:
                known = self._keys.get(name)
                if known is not None and known[1].is_new:
                    self._keys[name] = (0.0, replace(known[1], is_new=False))


def _give_up(taken: list[_Ticket], error: BaseException) -> None:
    for ticket in taken:
        ticket.batch.abort(after=error)
        ticket.error = error


_gatherers: dict[tuple[UUID, UUID], Gatherer] = {}
_gatherers_lock = threading.Lock()


def gatherer_of(*, tenant_id: UUID, peer_id: UUID) -> Gatherer:
    """Return the gatherer that all associations of a device share."""
    with _gatherers_lock:
        return _gatherers.setdefault((tenant_id, peer_id), Gatherer(tenant_id))
