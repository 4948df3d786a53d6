"""What a probe says, and how a value stands to its target."""

import re
from dataclasses import dataclass
from typing import Final

from compliance.models import Verdict

Value = bool | int | float | str | None

# How far outside of its target a value is still nearly on it: a tenth.
_TOLERANCE: Final = 0.1
_THRESHOLD: Final = re.compile(r"(?P<sign><=|>=)?\s*(?P<number>\d+(?:\.\d+)?)")


class UnmeasurableError(Exception):
    """A probe has nothing to measure here; its text says why, and what would change that."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value, how it stands to its target, and one sentence that explains it."""

    value: Value
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a probe found; `verdict` only where the value alone does not say it."""

    value: Value
    detail: str
    verdict: Verdict | None = None


def judge(value: Value, pass_rule: str) -> Verdict:
    """Compare a value with the target of its definition: `true`, `0`, `<= 30`, `>= 95 (practice)` or `reported`.

    Nothing measured against a target is off it: what was never done is not done in time. Counts and yes-or-no answers
    have no margin; times and shares are nearly on target within a tenth of it.
    """
    if pass_rule.startswith("reported"):
        return Verdict.REPORTED
    if value is None:
        return Verdict.FAIL
    if isinstance(value, bool) or pass_rule.startswith("true"):
        return Verdict.PASS if value is True else Verdict.FAIL
    return _against_number(float(value), pass_rule)


def _against_number(value: float, pass_rule: str) -> Verdict:
    found = _THRESHOLD.match(pass_rule)
    if found is None:
        raise ValueError(f"no target that can be compared with: {pass_rule!r}")
    target, is_least = float(found["number"]), found["sign"] == ">=" or (not found["sign"] and found["number"] != "0")
    margin = target * _TOLERANCE if found["sign"] else 0.0
    distance = target - value if is_least else value - target
    if distance <= 0:
        return Verdict.PASS
    return Verdict.NEAR if distance <= margin else Verdict.FAIL
