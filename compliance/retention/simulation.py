"""What falls due when and why, and what another rule would do, on the tenant's own studies and changing nothing."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from compliance.retention import explaining, facts, reckoning
from compliance.retention.engine import Block
from compliance.retention.policy import Terms
from compliance.retention.reckoning import Reckoned

MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class Month:
    """The studies that fall due in one month, by reason; `first` is the first of the month."""

    first: dt.date
    by_reason: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return all of them."""
        return sum(self.by_reason.values())


@dataclass(frozen=True, slots=True)
class Forecast:
    """What falls due: now, in each of the next months, and what a block keeps although its time ends."""

    due_now: int
    due_now_by_reason: Mapping[str, int]
    months: tuple[Month, ...]
    blocked: Mapping[Block, int]
    size_bytes: int

    @property
    def total(self) -> int:
        """Return what falls due until the end of the forecast."""
        return self.due_now + sum(month.total for month in self.months)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What other terms would do."""

    before: Forecast
    after: Forecast
    # Studies whose day would change, by which way.
    earlier: int
    later: int
    # Of those that may go now, how many could not before.
    newly_due: int


def forecast(terms: Terms, *, today: dt.date, months: int = MONTHS) -> Forecast:
    """Reckon what falls due until the end of some months."""
    tally = _Tally(terms, today, months)
    for found in reckoning.until(terms, tally.horizon):
        tally.add(found)
    return tally.forecast()


def compare(terms: Terms, other: Terms, *, today: dt.date, months: int = MONTHS) -> Comparison:
    """Reckon the same studies by two terms."""
    by_old, by_new = _Tally(terms, today, months), _Tally(other, today, months)
    horizon = by_old.horizon
    idle = max(reckoning.idle_since(terms, horizon), reckoning.idle_since(other, horizon))
    earlier = later = newly = 0
    for found in facts.walk(idle_since=idle):
        for old, new in zip(reckoning.of_patient(terms, found), reckoning.of_patient(other, found), strict=True):
            before, after = _day(old), _day(new)
            earlier, later = earlier + (after < before), later + (after > before)
            newly += new.verdict.is_due(today) and not old.verdict.is_due(today)
            by_old.add(old)
            by_new.add(new)
    return Comparison(before=by_old.forecast(), after=by_new.forecast(), earlier=earlier, later=later, newly_due=newly)


def _day(found: Reckoned) -> dt.date:
    return found.verdict.deletable_from or dt.date.max


def month_after(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month that lies so many months after that of a day."""
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


class _Tally:
    """Counts studies as they come, and keeps none of them: a tenant may have a hundred thousand."""

    def __init__(self, terms: Terms, today: dt.date, months: int) -> None:
        self.horizon = month_after(today, months) - dt.timedelta(days=1)
        self._terms = terms
        self._today = today
        self._firsts = [month_after(today, number) for number in range(months)]
        self._now: Counter[str] = Counter()
        self._by_month: dict[dt.date, Counter[str]] = defaultdict(Counter)
        self._blocked: Counter[Block] = Counter()
        self._size_bytes = 0

    def add(self, found: Reckoned) -> None:
        """Count a study, if its last limit ends before the forecast does."""
        verdict = found.verdict
        if verdict.until > self.horizon:
            return
        if verdict.blocks:
            self._blocked[verdict.blocks[0]] += 1
            return
        self._size_bytes += found.study.size_bytes
        counter = self._now if verdict.until <= self._today else self._by_month[verdict.until.replace(day=1)]
        counter[explaining.title_of(self._terms.book, verdict.deciding)] += 1

    def forecast(self) -> Forecast:
        """Return what was counted."""
        return Forecast(
            due_now=sum(self._now.values()),
            due_now_by_reason=dict(self._now),
            months=tuple(Month(first, dict(self._by_month[first])) for first in self._firsts),
            blocked=dict(self._blocked),
            size_bytes=self._size_bytes,
        )
