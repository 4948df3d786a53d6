"""Keys that are matched together: of one item of a sequence, and a date with its time (PS3.4 C.2.2.2.5 and .6)."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.db.models import Q

from pacs.dicomweb.attributes import BY_KEYWORD, REQUEST, Column
from pacs.dicomweb.matching import day_of, match_text, match_time, regex_of

Values = Mapping[Column, str]

# What is matched as one moment where both are ranges.
_MOMENTS: Final = tuple(
    (BY_KEYWORD[day], BY_KEYWORD[time])
    for day, time in (
        ("StudyDate", "StudyTime"),
        ("PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"),
    )
)
# What a value of a line may hold (`Series.further_requests`).
_ANYTHING: Final = "[^\t\n]*"


def combine(values: Values, prefix: Mapping[Column, str]) -> tuple[Q, frozenset[Column]]:
    """Return the condition of the keys that are matched together, and these keys.

    Parameters
    ----------
    values
        What is asked for; nothing of it is universal.
    prefix
        How the rows that are searched reach the columns of each key.

    Raises
    ------
    QueryError
        When a value is not understood.
    """
    condition, done = Q(), set()
    for day, time in _MOMENTS:
        if day in values and time in values and _are_of_one_form(values[day], values[time]):
            condition &= _moments(prefix[day] + day.name, prefix[time] + time.name, values[day], values[time])
            done |= {day, time}
    asked = [column for column in REQUEST if column in values]
    if asked:
        condition &= _requests({column: values[column] for column in asked}, prefix[asked[0]])
        done |= set(asked)
    return condition, frozenset(done)


def _are_of_one_form(days: str, times: str) -> bool:
    """Say whether both are ranges, and no time is without its day."""
    ends = zip(days.split("-"), times.split("-"), strict=False)
    return days.count("-") == times.count("-") == 1 and times != "-" and all(day or not time for day, time in ends)


def _moments(day: str, time: str, days: str, times: str) -> Q:
    """Match what lies between two moments; what has no time is no moment of the first and the last day."""
    (first, last), (begin, end) = days.split("-"), times.split("-")
    found = Q()
    if first:
        found &= _side(day, day_of(first, is_last=False), "gt", match_time(time, f"{begin}-") if begin else None)
    if last:
        found &= _side(day, day_of(last, is_last=True), "lt", match_time(time, f"-{end}") if end else None)
    return found


def _side(day: str, bound: date, order: str, times: Q | None) -> Q:
    if times is None:
        return Q(**{f"{day}__{order}e": bound})
    # The wider condition first: it is what an index answers.
    return Q(**{f"{day}__{order}e": bound}) & (Q(**{f"{day}__{order}": bound}) | times)


def _requests(values: Values, prefix: str) -> Q:
    """Match an item of the request attributes: the first, which has columns, or one of the others."""
    first = Q()
    for column, value in values.items():
        first &= match_text(prefix + column.name, value)
    line = "\t".join(regex_of(values[column], _ANYTHING) if column in values else _ANYTHING for column in REQUEST)
    others = f"{prefix}further_requests"
    return first | (~Q(**{others: ""}) & Q(**{f"{others}__regex": f"\n{line}\n"}))
