"""How bad a risk is: the five levels and the lookup tables of NIST SP 800-30 Rev. 1, by their numbers there."""

from collections.abc import Mapping, Sequence
from typing import Final

CODES: Final = ("VL", "L", "M", "H", "VH")
LEVELS: Final = range(1, len(CODES) + 1)

Table = Mapping[str, Sequence[str]]

# Likelihood that the event begins (row), that it then does harm (columns VL to VH): overall likelihood.
TABLE_G5: Final[Table] = {
    "VH": ("L", "M", "H", "VH", "VH"),
    "H": ("L", "M", "M", "H", "VH"),
    "M": ("L", "L", "M", "M", "H"),
    "L": ("VL", "L", "L", "M", "M"),
    "VL": ("VL", "VL", "L", "L", "L"),
}
# Overall likelihood (row), impact (columns VL to VH): level of risk.
TABLE_I2: Final[Table] = {
    "VH": ("VL", "L", "M", "H", "VH"),
    "H": ("VL", "L", "M", "H", "VH"),
    "M": ("VL", "L", "M", "M", "H"),
    "L": ("VL", "L", "L", "L", "M"),
    "VL": ("VL", "VL", "VL", "L", "L"),
}


def code_of(level: int) -> str:
    """Return the code of a level from 1 to 5."""
    return CODES[level - 1]


def level_of(code: str) -> int:
    """Return the number of a code."""
    return CODES.index(code) + 1


def overall_likelihood(beginning: int, harm: int) -> int:
    """Combine how likely an event begins with how likely it then does harm (table G-5)."""
    return _look_up(TABLE_G5, beginning, harm)


def risk_level(likelihood: int, impact: int) -> int:
    """Combine likelihood and impact (table I-2)."""
    return _look_up(TABLE_I2, likelihood, impact)


def _look_up(table: Table, row: int, column: int) -> int:
    if row not in LEVELS or column not in LEVELS:
        raise ValueError(f"levels go from 1 to {len(CODES)}")
    return level_of(table[code_of(row)][column - 1])
