"""Database connections from URLs."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import OperationalError

from common.errors import DomainError, StorageFullError, UnavailableError

_SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"


def connection(url: str) -> dict[str, Any]:
    """Return Django's settings of one connection for `sqlite:///path` or `postgres://user:pw@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            # A new connection reads the schema and runs the pragmas again: about a millisecond.
            "CONN_MAX_AGE": None,
            "NAME": "/" + unquote(parts.path).lstrip("/"),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _SQLITE_PRAGMAS},
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or 5432),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 10, "timeout": 20}, **dict(parse_qsl(parts.query))},
    }


def refusal_of(error: OperationalError) -> DomainError | None:
    """Return what to answer when the database fails; None when it is our statement that is wrong."""
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "") or ""
    if code == "SQLITE_ERROR":
        return None
    return StorageFullError() if code in {"SQLITE_FULL", "53100"} else UnavailableError()
