"""The register and the plan as CSV, for whoever works on in a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

COLUMNS: Final = (
    *("number", "state", "subject", "threat", "vulnerability", "statement", "existing_controls", "citations"),
    *("inherent_likelihood", "inherent_impact", "inherent_level"),
    *("current_likelihood", "current_impact", "current_level", "current_reason"),
    *("residual_likelihood", "residual_impact", "residual_level", "residual_reason"),
    *("response", "owner", "decided_by", "decided_at", "tasks"),
)
# What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_register(content: Mapping[str, Any]) -> str:
    """Write the risk register with its ratings and the tasks about each risk."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in _rows(content):
        writer.writerow({name: harmless(row.get(name, "")) for name in COLUMNS})
    return out.getvalue()


def _rows(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    about: dict[str, list[str]] = {}
    for task in content["plan"]:
        if task["risk_id"]:
            about.setdefault(task["risk_id"], []).append(f"{task['number']} {task['title']} ({task['state']})")
    for risk in content["register"]:
        rated = {
            f"{stage}_{name}": rating[name]
            for stage, rating in risk["ratings"].items()
            for name in ("likelihood", "impact", "level", "reason")
        }
        yield {
            **risk,
            **rated,
            "number": f"R-{risk['number']}",
            "citations": " ".join(risk["citations"]),
            "tasks": "; ".join(about.get(risk["id"], [])),
        }


def harmless(value: object) -> str:
    """Return a value as a spreadsheet shows it, never as it would compute it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
