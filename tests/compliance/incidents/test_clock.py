"""Who must be told until when, case by case."""

import datetime as dt
from typing import Any

import pytest

from compliance.incidents import clock
from compliance.incidents.letters import letter_of
from compliance.models import Incident

FOUND = dt.date(2026, 3, 2)


def incident(**values: Any) -> Incident:
    return Incident(number=1, title="x", kind="other", description="A stick is gone.", discovered_date=FOUND, **values)


def owed(**values: Any) -> dict[str, str]:
    return {
        f"{one.kind} {one.text.split(',', maxsplit=1)[0] if one.kind == 'media' else ''}".strip(): str(one.due_date)
        for one in clock.deadlines(incident(**values), ())
    }


@pytest.mark.req("X-17")
@pytest.mark.parametrize(
    ("affected", "expected"),
    [
        ({}, {"individuals": "2026-05-01", "hhs": "2027-03-01"}),
        ({"Ohio": 499}, {"individuals": "2026-05-01", "hhs": "2027-03-01", "state": "None"}),
        # 500 are told to the Secretary at once; the media only above 500 in one State.
        ({"Ohio": 500}, {"individuals": "2026-05-01", "hhs": "2026-05-01", "state": "None"}),
        ({"Ohio": 300, "Iowa": 300}, {"individuals": "2026-05-01", "hhs": "2026-05-01", "state": "None"}),
        (
            {"Ohio": 501},
            {
                "individuals": "2026-05-01",
                "media Prominent media of Ohio": "2026-05-01",
                "hhs": "2026-05-01",
                "state": "None",
            },
        ),
    ],
)
def test_the_clock_runs_sixty_days_from_discovery(affected: dict[str, int], expected: dict[str, str]) -> None:
    assert owed(affected=affected) == expected


def test_the_small_breaches_of_a_leap_year_end_a_day_earlier() -> None:
    row = Incident(discovered_date=dt.date(2027, 6, 1), affected={})

    (hhs,) = [one for one in clock.deadlines(row, ()) if one.kind == "hhs"]
    assert hhs.due_date == dt.date(2028, 2, 29)


def test_law_enforcement_may_delay_and_never_hasten() -> None:
    assert owed(delay_until_date=dt.date(2026, 7, 1))["individuals"] == "2026-07-01"
    assert owed(delay_until_date=dt.date(2026, 4, 1))["individuals"] == "2026-05-01"


@pytest.mark.parametrize("conclusion", ["low_probability", "exception", "secured"])
def test_what_is_no_breach_owes_no_notice(conclusion: str) -> None:
    assert owed(conclusion=conclusion, affected={"Ohio": 900}) == {}


def test_what_nobody_assessed_is_presumed_to_be_a_breach() -> None:
    assert clock.is_presumed(incident())
    assert "individuals" in owed()


def test_the_law_of_a_state_is_said_to_be_unknown() -> None:
    (state,) = [one for one in clock.deadlines(incident(affected={"Ohio": 3}), ()) if one.kind == "state"]

    assert (state.citation, state.due_date) == ("unknown", None)
    assert "unknown to the portal" in state.text


def test_every_other_statement_carries_its_citation() -> None:
    found = clock.deadlines(incident(affected={"Ohio": 900}), ())

    assert [one.kind for one in found if not one.citation.startswith("45 CFR 164.4") and one.kind != "state"] == []


def test_a_letter_holds_the_five_elements_and_names_what_lacks() -> None:
    letter = letter_of(incident(contact="Call 555-0100"), "individuals", "Lakeside")

    assert letter.citation == "45 CFR 164.404(c)(1)"
    assert len(letter.parts) == 6
    assert "A stick is gone." in letter.as_text()
    assert len(letter.lacks) == 3
    assert "[ … ]" in letter.as_text()
