"""Dates (PS3.5 6.2)."""

import datetime as dt
import re


def parse_date(text: str) -> dt.date | None:
    """Read a DA value, the retired form with dots too; None when it is not a date."""
    digits = re.sub(r"[.\-]", "", text.strip())[:8]
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
