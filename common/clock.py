"""The only place that reads the clock."""

import datetime as dt


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  the one permitted reader


def today() -> dt.date:
    """Return the present date in UTC."""
    return now().date()
