"""Reading a book of retention rules from its folder; an unknown key or a missing one is refused."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from compliance.packs.reading import PackError
from compliance.retention.content import DEFAULT_ID, DefaultPolicy, MinorClock, Overlay, Rule, RuleBook

SHELF: Final = Path(__file__).resolve().parents[1] / "frameworks" / "retention"
# Not about records of patients: compliance documents have their own six years (45 CFR 164.316(b)(2)(i)).
_NOT_OF_PATIENTS: Final = frozenset({"OV-HIPAA-DOCS"})
_RULE_KEYS: Final = frozenset(
    [
        "id",
        "jurisdiction",
        "status",
        "adult_years",
        "from_event",
        "minor",
        "source",
        "url",
        "confidence",
        "note",
        "binding",
        "radiograph_years",
        "deceased_years",
        "incompetent",
        "destruction_notice",
    ]
)
_OVERLAY_KEYS: Final = frozenset(["id", "applies_when", "years", "from_event", "source", "url", "confidence", "note"])

Row = Mapping[str, Any]


@lru_cache(maxsize=1)
def versions() -> tuple[int, ...]:
    """Return the versions on the shelf, the oldest first."""
    return tuple(sorted(int(path.parent.name) for path in SHELF.glob("*/rules.yaml")))


def latest() -> RuleBook:
    """Return the newest book."""
    return load(versions()[-1])


@lru_cache(maxsize=8)
def load(version: int) -> RuleBook:
    """Return one version of the book.

    Raises
    ------
    PackError
        If the file says something that is not understood.
    """
    return read(SHELF / str(version) / "rules.yaml")


def read(path: Path) -> RuleBook:
    """Read a book from its file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return _book(data)
    except (KeyError, TypeError, ValueError) as error:
        raise PackError(f"{path.parent.name}/{path.name}: {type(error).__name__} {error}") from None


def _book(data: Row) -> RuleBook:
    engine, default = data["engine"], data["default_policy"]
    if default["id"] != DEFAULT_ID:
        raise ValueError(f"the default is called {DEFAULT_ID}, not {default['id']}")
    ages = {**engine["majority_age_exceptions"]}
    return RuleBook(
        version=int(data["meta"]["version"]),
        compiled_date=dt.date.fromisoformat(data["meta"]["compiled"]),
        notice=data["meta"]["disclaimer"],
        default=DefaultPolicy(
            adult_years=default["adult_years"],
            minor=_minor(default["minor"]),
            from_event=default["from_event"],
            note=default["note"],
        ),
        rules={row["id"]: _rule(row, ages.get(row["id"], engine["majority_age_default"])) for row in data["rules"]},
        overlays={row["id"]: _overlay(row) for row in data["overlays"] if row["id"] not in _NOT_OF_PATIENTS},
        gates=tuple(engine["deletion_gates"]),
    )


def _minor(row: Row) -> MinorClock:
    if row["combine"] != "later_of" or row["until_age"] < row["majority_age"]:
        raise ValueError(f"a minor's clock that is not understood: {dict(row)}")
    return MinorClock(majority_age=row["majority_age"], until_age=row["until_age"])


def _rule(row: Row, majority_age: int) -> Rule:
    _refuse_unknown(row, _RULE_KEYS)
    if (row["status"] == "known") != (row["adult_years"] is not None):
        raise ValueError(f"{row['id']}: a known rule has years, an unknown one has none")
    return Rule(
        id=row["id"],
        jurisdiction=row["jurisdiction"],
        adult_years=row["adult_years"],
        minor=_minor(row["minor"]) if row["minor"] else None,
        from_event=row["from_event"],
        citation=row["source"] or "",
        url=row["url"] or "",
        confidence=row["confidence"],
        binding=row.get("binding", ""),
        note=row.get("note", ""),
        destruction_notice=row.get("destruction_notice", ""),
        majority_age=majority_age,
    )


def _overlay(row: Row) -> Overlay:
    _refuse_unknown(row, _OVERLAY_KEYS)
    return Overlay(
        id=row["id"],
        applies_when=row["applies_when"],
        years=row["years"],
        from_event=row["from_event"],
        citation=row["source"],
        url=row["url"] or "",
        confidence=row["confidence"],
    )


def _refuse_unknown(row: Row, known: frozenset[str]) -> None:
    unknown = set(row) - known
    if unknown:
        raise ValueError(f"{row['id']}: unknown {sorted(unknown)}")
