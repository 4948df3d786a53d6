"""What a patient reads of the log: what belongs together stands together, and nothing is left out."""

import datetime as dt

from common.ids import uuid7
from sharing.plain_words import PAUSE, PlainLine, visits_of

LATEST = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def line(what: str, *, ago: dt.timedelta, who: str = "Dr. Dana Wolfe", study: str = "CBCT") -> PlainLine:
    return PlainLine(id=uuid7(), at=LATEST - ago, who=who, what=what, study=study)


def minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def test_what_one_person_does_in_one_go_is_one_visit() -> None:
    lines = [line("read the report", ago=minutes(0)), line("looked at the images", ago=minutes(3))]
    (visit,) = visits_of(lines)

    assert visit.what == "looked at the images, read the report"
    assert visit.lines == tuple(lines)
    assert (visit.ended_at, visit.first) == (LATEST, lines[1])


def test_a_visit_goes_on_as_long_as_no_pause_is_too_long() -> None:
    lines = [line(f"did thing {number}", ago=PAUSE * number) for number in range(5)]

    assert len(visits_of(lines)) == 1


def test_who_comes_back_later_makes_another_visit() -> None:
    lines = [line("read the report", ago=minutes(0)), line("read the report", ago=PAUSE + minutes(1))]

    assert [visit.lines for visit in visits_of(lines)] == [(lines[0],), (lines[1],)]


def test_two_people_and_two_examinations_are_never_one_visit() -> None:
    lines = [
        line("read the report", ago=minutes(0)),
        line("read the report", ago=minutes(1), who="Dr. Rana Iyer"),
        line("looked at the images", ago=minutes(2)),
        line("looked at the images", ago=minutes(3), study="Panoramic"),
    ]

    assert [visit.lines for visit in visits_of(lines)] == [(lines[0], lines[2]), (lines[1],), (lines[3],)]
