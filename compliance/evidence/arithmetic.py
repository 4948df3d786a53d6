"""Shares and ages, as probes give them."""

import datetime as dt

from common.clock import now, today
from compliance.evidence.reading import UnmeasurableError

DAYS_PER_MONTH = 30.44


def share(part: int, whole: int, *, of_what: str) -> float:
    """Return a percentage with one decimal; of nothing there is none."""
    if whole == 0:
        raise UnmeasurableError(f"There are no {of_what} yet.")
    return round(100 * part / whole, 1)


def days_since(moment: dt.datetime | dt.date) -> int:
    """Return whole days from a moment until now."""
    if isinstance(moment, dt.datetime):
        return (now() - moment).days
    return (today() - moment).days


def months_since(moment: dt.datetime | dt.date) -> float:
    """Return months from a moment until now, with one decimal."""
    return round(days_since(moment) / DAYS_PER_MONTH, 1)


def hours_since(moment: dt.datetime) -> float:
    """Return hours from a moment until now, with one decimal."""
    return round((now() - moment).total_seconds() / 3600, 1)


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"
