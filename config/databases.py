"""Database connections from URLs."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import InterfaceError, OperationalError

from common.errors import DomainError, StorageFullError, UnavailableError

# What a database that went away raises; an InterfaceError where the line was known to be cut.
FAILURES = (OperationalError, InterfaceError)
# A pool that could not connect asks again when somebody next needs it, not minutes later.
# One that was not needed for a while is closed, one by one: each is six megabytes or more of the server.
_POOL = {"min_size": 1, "max_size": 10, "max_idle": 15, "timeout": 10, "reconnect_timeout": 5}
# The driver prepares what asks for it (`common.prepared`) only where it may prepare at all: None, as Django sets it,
# would forbid it, and a small number would prepare other statements too.
_PREPARED_ON_REQUEST = 2**31 - 1
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
        "ENGINE": "common.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or 5432),
        "OPTIONS": {"pool": dict(_POOL), "prepare_threshold": _PREPARED_ON_REQUEST, **dict(parse_qsl(parts.query))},
    }


def refusal_of(error: BaseException | None) -> DomainError | None:
    """Return what to answer when the database fails; None for any other error, and when our statement is wrong."""
    if not isinstance(error, FAILURES):
        return None
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "") or ""
    if code == "SQLITE_ERROR":
        return None
    return StorageFullError() if code in {"SQLITE_FULL", "53100"} else UnavailableError()
