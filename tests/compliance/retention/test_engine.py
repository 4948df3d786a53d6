"""Until when a study is kept: the worked cases of the book, dated cases, and that nothing ever shortens."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compliance.retention import engine, rulebook
from compliance.retention.content import DEFAULT_ID, MinorClock
from compliance.retention.engine import Block, Event, EventKind, Extension, Figures, Reason, Record, Verdict

BOOK = rulebook.latest()
EXAMPLES = yaml.safe_load((rulebook.SHELF / "1" / "examples.yaml").read_text())["examples"]
ALL_CONFIRMED: dict[str, Figures | None] = dict.fromkeys([*BOOK.rules, DEFAULT_ID])
TODAY = dt.date(2026, 11, 28)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def judged(record: Record, *jurisdictions: str, overlays: tuple[str, ...] = (), confirmed: Any = None) -> Verdict:
    periods = engine.periods_of(BOOK, jurisdictions, confirmed)
    return engine.judge(record, periods=periods, overlays=[BOOK.overlays[name] for name in overlays])


def record_of(image: str, born: str | None, **more: Any) -> Record:
    return Record(image_date=day(image), birth_date=day(born) if born else None, **more)


# --- the worked cases -------------------------------------------------------------------------------------------------


def test_there_are_eighteen_worked_cases_and_sixty_three_jurisdictions() -> None:
    assert len(EXAMPLES) == 18
    assert len(BOOK.rules) == 63


_BLOCKED = {"BLOCKED_UNKNOWN_DOB": Block.UNKNOWN_BIRTH_DATE, "BLOCKED_HOLD": Block.HOLD}


@pytest.mark.req("RA-23")
@pytest.mark.req("PA-11")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_each_worked_case_of_the_book_is_reckoned_as_it_stands(example: dict[str, Any]) -> None:
    record = record_of(example["event"], example["dob"], hold_count=int(example.get("hold", False)))

    found = judged(record, *example["jurisdictions"], overlays=tuple(example.get("overlays", ())))

    expected = example["expect"]
    blocks = (_BLOCKED[expected],) if expected in _BLOCKED else ()
    assert found.blocks == blocks
    assert expected in _BLOCKED or found.until == day(expected)


# --- dated cases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "image", "born", "jurisdictions", "overlays", "until", "reason"),
    [
        ("born on 29 February, 21 in a common year", "2010-05-01", "2000-02-29", ["US-TX"], (), "2021-03-01", "minor"),
        ("born on 29 February, 28 in a leap year", "2017-05-01", "2000-02-29", ["DE"], (), "2028-02-29", "minor"),
        ("imaged on 29 February, 4 years on", "2024-02-29", "1980-01-01", ["US-FL"], (), "2028-02-29", "adult"),
        ("imaged on 29 February, 5 years on", "2024-02-29", "1980-01-01", ["US-TX"], (), "2029-03-01", "adult"),
        ("the day before 18 is a minor's", "2020-06-14", "2002-06-15", ["DE"], (), "2030-06-15", "minor"),
        ("the 18th birthday is not", "2020-06-15", "2002-06-15", ["US-VA"], (), "2026-06-15", "adult"),
        ("18 is a minor where majority is 19", "2020-06-15", "2002-06-15", ["CA-BC"], (), "2037-06-15", "minor"),
        ("19 is none there", "2021-06-15", "2002-06-15", ["CA-BC"], (), "2037-06-15", "adult"),
        ("20 is a minor where majority is 21", "2020-01-01", "1999-06-15", ["US-MS"], (), "2027-06-15", "minor"),
        ("21 is none there", "2020-06-15", "1999-06-15", ["US-MS"], (), "2027-06-15", "adult"),
        ("New York counts to 22", "2020-01-01", "2002-06-15", ["US-NY"], (), "2026-01-01", "adult"),
        ("moved within the east", "2020-01-01", "1970-01-01", ["US-FL", "US-NH"], (), "2027-01-01", "adult"),
        ("moved to a shorter place", "2020-01-01", "1970-01-01", ["US-NC", "US-TX"], (), "2030-01-01", "adult"),
        ("moved to where no rule is known", "2020-01-01", "1970-01-01", ["US-TX", "US-UT"], (), "2030-01-01", "adult"),
        ("Medicare wins", "2020-01-01", "1950-01-01", ["US-TX"], ("OV-MEDICARE-FFS",), "2027-01-01", "overlay"),
        ("Medicare loses", "2020-01-01", "1950-01-01", ["US-NC"], ("OV-MEDICARE-FFS",), "2030-01-01", "adult"),
        ("managed care", "2020-01-01", "1950-01-01", ["US-TX"], ("OV-MEDICAID-MCO",), "2030-01-01", "overlay"),
        ("nothing chosen at all", "2020-01-01", "1950-01-01", [], (), "2030-01-01", "adult"),
        ("nothing chosen, and a child", "2020-01-01", "2012-05-05", [], (), "2040-05-05", "minor"),
        ("India, a child of 17", "2024-01-01", "2006-05-05", ["IN"], (), "2027-05-05", "minor"),
        ("a device that knows no day", "9999-12-31", "1980-01-01", ["US-TX"], (), "9999-12-31", "adult"),
    ],
)  # fmt: skip
@pytest.mark.req("RA-23")
def test_a_dated_case(
    case: str, image: str, born: str, jurisdictions: list[str], overlays: tuple[str, ...], until: str, reason: str
) -> None:
    found = judged(record_of(image, born), *jurisdictions, overlays=overlays)

    assert (case, found.until, found.deciding.reason) == (case, day(until), Reason(reason))


def test_a_new_visit_starts_the_clock_of_the_whole_record_again() -> None:
    visits = (Event(EventKind.REPORT, day("2020-02-01")), Event(EventKind.PMS_VISIT, day("2023-07-04")))

    found = judged(record_of("2019-01-01", "1970-01-01", events=visits), "US-TX")

    assert found.until == day("2028-07-04")
    assert found.deciding.started_by == Event(EventKind.PMS_VISIT, day("2023-07-04"))


def test_an_unknown_jurisdiction_uses_the_default_and_says_for_which() -> None:
    deciding = judged(record_of("2019-07-01", "1975-04-04"), "US-CO").deciding

    assert (deciding.rule_id, deciding.fallback_for, deciding.years) == (DEFAULT_ID, "US-CO", 10)


@pytest.mark.parametrize("born", [None, "2021-01-01", "1875-01-01"])
def test_a_birth_date_that_is_missing_or_cannot_be_one_blocks(born: str | None) -> None:
    found = judged(record_of("2015-01-01", born), "US-TX")

    assert found.blocks == (Block.UNKNOWN_BIRTH_DATE,)
    assert found.deletable_from is None


def test_a_rule_that_nobody_confirmed_keeps_and_lets_nothing_go() -> None:
    record = record_of("2000-01-01", "1970-01-01")

    assert judged(record, "NL", confirmed={}).blocks == (Block.UNCONFIRMED_RULE,)
    assert judged(record, "NL", confirmed={}).until == day("2020-01-01")
    assert judged(record, "US-TX", confirmed={}).until == day("2010-01-01")
    assert judged(record, "US-TX", confirmed={"US-TX": None}).deletable_from == day("2005-01-01")


def test_figures_that_a_tenant_confirmed_stand_in_place_of_those_of_the_book() -> None:
    own = {"US-AL": Figures(7, MinorClock(19, 26), "Rule .26 as read by counsel")}
    found = judged(record_of("2010-01-01", "1993-06-01"), "US-AL", confirmed=own)

    assert (found.until, found.deciding.citation) == (day("2019-06-01"), "Rule .26 as read by counsel")


@pytest.mark.req("PA-12")
@pytest.mark.parametrize(
    ("extension", "until"),
    [
        (Extension("implant", years=20), "2030-01-01"),
        (Extension("wish", until=day("2041-01-01")), "2041-01-01"),
        (Extension("complex", years=2), "2015-01-01"),
    ],
)
def test_an_extension_lengthens_and_never_shortens(extension: Extension, until: str) -> None:
    found = judged(record_of("2010-01-01", "1970-01-01", extensions=(extension,)), "US-TX")

    assert found.until == day(until)


@pytest.mark.parametrize(
    ("more", "block"),
    [
        ({"hold_count": 1}, Block.HOLD),
        ({"is_incompetent": True}, Block.INCOMPETENT),
        ({"is_in_doubt": True}, Block.PATIENT_IN_DOUBT),
    ],
)
def test_what_blocks_blocks_long_after_the_last_day(more: dict[str, Any], block: Block) -> None:
    found = judged(record_of("1990-01-01", "1970-01-01", **more), "US-TX")

    assert found.blocks == (block,)
    assert not found.is_due(day("2099-01-01"))


# --- nothing ever shortens --------------------------------------------------------------------------------------------

dates = st.dates(dt.date(1960, 1, 1), dt.date(2026, 1, 1))
rule_ids = st.sampled_from([*BOOK.rules, DEFAULT_ID])
events = st.builds(Event, st.sampled_from(EventKind), dates)
extensions = st.builds(
    Extension, st.just("implant"), st.none() | st.integers(0, 40), st.none() | st.dates(dt.date(2000, 1, 1))
)
records = st.builds(
    Record,
    image_date=dates,
    events=st.lists(events, max_size=4).map(tuple),
    birth_date=st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)),
    is_incompetent=st.booleans(),
    hold_count=st.integers(0, 2),
    extensions=st.lists(extensions, max_size=2).map(tuple),
)
NEVER = dt.date.max


def deletable(record: Record, jurisdictions: list[str], overlays: list[str], confirmed: Any) -> dt.date:
    found = judged(record, *jurisdictions, overlays=tuple(overlays), confirmed=confirmed)
    return found.deletable_from or NEVER


@pytest.mark.req("RA-23")
@given(
    record=records,
    jurisdictions=st.lists(rule_ids, min_size=1, max_size=3),
    overlays=st.lists(st.sampled_from(list(BOOK.overlays)), max_size=2),
    confirmed=st.lists(rule_ids, max_size=4).map(dict.fromkeys) | st.just(ALL_CONFIRMED),
    data=st.data(),
)
def test_a_further_rule_event_extension_or_hold_never_makes_an_earlier_day(
    record: Record, jurisdictions: list[str], overlays: list[str], confirmed: dict[str, None], data: st.DataObject
) -> None:
    before = deletable(record, jurisdictions, overlays, confirmed)
    more: dict[str, Callable[[], dt.date]] = {
        "rule": lambda: deletable(record, [*jurisdictions, data.draw(rule_ids)], overlays, confirmed),
        "overlay": lambda: deletable(
            record, jurisdictions, [*overlays, data.draw(st.sampled_from(list(BOOK.overlays)))], confirmed
        ),
        "event": lambda: deletable(
            replace(record, events=(*record.events, data.draw(events))), jurisdictions, overlays, confirmed
        ),
        "extension": lambda: deletable(
            replace(record, extensions=(*record.extensions, data.draw(extensions))), jurisdictions, overlays, confirmed
        ),
        "hold": lambda: deletable(
            replace(record, hold_count=record.hold_count + 1), jurisdictions, overlays, confirmed
        ),
    }

    assert {name: reckon() >= before for name, reckon in more.items()} == dict.fromkeys(more, True)


@given(record=records, years=st.integers(0, 30))
def test_adding_years_to_a_day_never_goes_back_and_never_skips(record: Record, years: int) -> None:
    later = engine.plus_years(record.image_date, years)

    assert later.year == record.image_date.year + years
    assert later >= record.image_date
