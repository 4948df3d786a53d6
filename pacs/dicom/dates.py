"""Dates (PS3.5 6.2)."""

import datetime as dt


def parse_date(text: str) -> dt.date | None:
    """Read a DA value, the retired form with dots too; None when it is not a date."""
    digits = text.strip().replace(".", "").replace("-", "")[:8]
    if len(digits) != len("YYYYMMDD") or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
