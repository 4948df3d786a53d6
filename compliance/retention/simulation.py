"""What falls due when and why, and what another rule would do, on the tenant's own studies and changing nothing."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
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
    return _tally(terms, reckoning.until(terms, _end(today, months)), today, months)


def compare(terms: Terms, other: Terms, *, today: dt.date, months: int = MONTHS) -> Comparison:
    """Reckon the same studies by two terms."""
    horizon = _end(today, months)
    idle = max(reckoning.idle_since(terms, horizon), reckoning.idle_since(other, horizon))
    earlier = later = newly = 0
    by_old: list[Reckoned] = []
    by_new: list[Reckoned] = []
    for found in facts.walk(idle_since=idle):
        for old, new in zip(reckoning.of_patient(terms, found), reckoning.of_patient(other, found), strict=True):
            before, after = _day(old), _day(new)
            earlier, later = earlier + (after < before), later + (after > before)
            newly += new.verdict.is_due(today) and not old.verdict.is_due(today)
            by_old += [old] if old.verdict.until <= horizon else []
            by_new += [new] if new.verdict.until <= horizon else []
    return Comparison(
        before=_tally(terms, by_old, today, months),
        after=_tally(other, by_new, today, months),
        earlier=earlier,
        later=later,
        newly_due=newly,
    )


def _day(found: Reckoned) -> dt.date:
    return found.verdict.deletable_from or dt.date.max


def month_after(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month that lies so many months after that of a day."""
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def _end(today: dt.date, months: int) -> dt.date:
    return month_after(today, months) - dt.timedelta(days=1)


def _tally(terms: Terms, reckoned: Iterable[Reckoned], today: dt.date, months: int) -> Forecast:
    now: Counter[str] = Counter()
    by_month: dict[dt.date, Counter[str]] = defaultdict(Counter)
    blocked: Counter[Block] = Counter()
    size_bytes = 0
    for found in reckoned:
        if found.verdict.blocks:
            blocked[found.verdict.blocks[0]] += 1
            continue
        reason = explaining.title_of(terms.book, found.verdict.deciding)
        size_bytes += found.study.size_bytes
        if found.verdict.until <= today:
            now[reason] += 1
        else:
            by_month[found.verdict.until.replace(day=1)][reason] += 1
    firsts = [month_after(today, number) for number in range(months)]
    return Forecast(
        due_now=sum(now.values()),
        due_now_by_reason=dict(now),
        months=tuple(Month(first, dict(by_month[first])) for first in firsts),
        blocked=dict(blocked),
        size_bytes=size_bytes,
    )
