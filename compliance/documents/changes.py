"""What changed between two issues of the analysis."""

from collections.abc import Iterable, Mapping
from typing import Any

Content = Mapping[str, Any]


def compare(old: Content | None, new: Content) -> dict[str, list[str]]:
    """Return what is new, gone and different, in words; everything is new in a first issue and nothing is listed."""
    if old is None:
        return {}
    found = {
        **_risks(old, new),
        **_assets(old, new),
        "answers changed": _answers(old, new),
        "decisions changed": _decisions(old, new),
        "tasks finished": _finished(old, new),
    }
    return {what: lines for what, lines in found.items() if lines}


def _risks(old: Content, new: Content) -> dict[str, list[str]]:
    before, after = _register(old), _register(new)
    return {
        "risks new": [_named(after[key]) for key in after if key not in before],
        "risks closed": [_named(before[key]) for key in before if key not in after],
        "risk levels changed": [
            f"{_named(after[key])}: {_level(before[key])} to {_level(after[key])}"
            for key in after
            if key in before and _level(before[key]) != _level(after[key])
        ],
    }


def _register(content: Content) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """Return the confirmed risks by what they are about: numbers and ids begin anew with each analysis."""
    rows = [risk for risk in content["register"] if risk["state"] == "confirmed"]
    return {(risk["subject"], risk["threat"], risk["vulnerability"]): risk for risk in rows}


def _named(risk: Mapping[str, Any]) -> str:
    return f"{risk['subject']}: {risk['threat']}, {risk['vulnerability']}"


def _level(risk: Mapping[str, Any]) -> str:
    rating = risk["ratings"].get("current")
    return str(rating["level_name"]) if rating else "not rated"


def _assets(old: Content, new: Content) -> dict[str, list[str]]:
    before, after = ({row["number"]: row["name"] for row in one["inventory"]["assets"]} for one in (old, new))
    return {
        "assets new": [f"{number} {after[number]}" for number in after if number not in before],
        "assets gone": [f"{number} {before[number]}" for number in before if number not in after],
    }


def _answers(old: Content, new: Content) -> list[str]:
    before, after = (_by_question(one["answers"]) for one in (old, new))
    return [
        f"{question_id}: {before[question_id] or 'open'} to {label or 'open'}"
        for question_id, label in after.items()
        if question_id in before and before[question_id] != label
    ]


def _by_question(sections: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {answer["question_id"]: answer["label"] for section in sections for answer in section["answers"]}


def _decisions(old: Content, new: Content) -> list[str]:
    before, after = ({row["citation"]: row["decision"] for row in one["safeguards"]} for one in (old, new))
    return [
        f"{citation}: {decision['outcome']}"
        for citation, decision in after.items()
        if decision and (before.get(citation) or {}).get("outcome") != decision["outcome"]
    ]


def _finished(old: Content, new: Content) -> list[str]:
    over = {"verified", "accepted"}
    before = {row["id"] for row in old["plan"] if row["state"] in over}
    return [
        f"{row['number']} {row['title']}" for row in new["plan"] if row["state"] in over and row["id"] not in before
    ]
