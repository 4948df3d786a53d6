"""What a portal's database says, read beside it; and time that passes there."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.factories.portal import Portal

# A day and more go by: the sweep sees twice what it removes.
SWEEP = """
import datetime as dt
from unittest import mock
from common.clock import now
from vault.services import upkeep
for hours in (25, 27):
    with mock.patch.object(upkeep, "now", return_value=now() + dt.timedelta(hours=hours)):
        upkeep.sweep()
"""
_JUDGE = """
from django.core.management import call_command
call_command("fsck", "--full", "--json", "--orphan-age-hours=0")
"""
_DERIVED = ("metadata_blob_id", "preview_blob_id", "half_blob_id", "thumbnail_blob_id")


@contextmanager
def _connection(portal: Portal) -> Iterator[Any]:
    url = portal.addresses.get("BITEWING_DATABASE_PLATFORM_URL")
    if url:
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
        return
    with closing(sqlite3.connect(portal.data / "bitewing.sqlite3", timeout=20, isolation_level=None)) as embedded:
        yield embedded


def _rows(portal: Portal, statement: str) -> list[Any]:
    with _connection(portal) as connection:
        return list(connection.execute(statement).fetchall())


def count_stored(portal: Portal) -> tuple[int, int]:
    """Return how many studies and instances the portal has."""
    (counts,) = _rows(portal, "SELECT (SELECT count(*) FROM pacs_study), (SELECT count(*) FROM pacs_instance)")
    return int(counts[0]), int(counts[1])


def count_series(portal: Portal) -> int:
    """Return how many series the portal has."""
    return int(_rows(portal, "SELECT count(*) FROM pacs_series")[0][0])


def count_waiting(portal: Portal) -> int:
    """Return how many messages are not delivered."""
    return int(_rows(portal, "SELECT count(*) FROM outbox_outboxmessage WHERE done_at IS NULL")[0][0])


def count_analysed(portal: Portal) -> int:
    """Return how many analyses are done."""
    return int(_rows(portal, "SELECT count(*) FROM inference_run WHERE state = 'done'")[0][0])


def count_failed(portal: Portal) -> int:
    """Return how many messages were given up."""
    return int(_rows(portal, "SELECT count(*) FROM outbox_outboxmessage WHERE failed_at IS NOT NULL")[0][0])


def count_prepared(portal: Portal) -> int:
    """Return how many series are prepared with all of their instances."""
    where = "prepared_instances = number_of_instances"
    return int(_rows(portal, f"SELECT count(*) FROM pacs_series WHERE {where}")[0][0])


def hasten(portal: Portal) -> None:
    """Let every delay of a message be over."""
    _let_pass(portal, "available_at")


def run_out(portal: Portal) -> None:
    """Let every delay be over, and the time of every lease: nobody waits for a worker that was killed."""
    hasten(portal)
    _let_pass(portal, "lease_until")


def _let_pass(portal: Portal, moment: str) -> None:
    """Change no row that need not be: whoever asks again and again would keep thousands from the workers."""
    past = "'2020-01-01 00:00:00'"
    with _connection(portal) as connection:
        connection.execute(
            f"UPDATE outbox_outboxmessage SET {moment} = {past} WHERE done_at IS NULL AND {moment} > {past}"
        )


def results(portal: Portal) -> tuple[list[UUID], list[UUID]]:
    """Return the derived objects that series name, and those that live in the store: once each, and the same."""
    named = [value for row in _rows(portal, f"SELECT {', '.join(_DERIVED)} FROM pacs_series") for value in row if value]
    living = _rows(portal, "SELECT id FROM vault_blob WHERE state = 'live' AND kind IN (2, 3)")
    return sorted(UUID(str(value)) for value in named), sorted(UUID(str(row[0])) for row in living)


def judge(portal: Portal) -> dict[str, Any]:
    """Let a day go by with its sweeps, then compare the store with the database, byte by byte."""
    found: dict[str, Any] = json.loads(
        portal.manage("shell", "--verbosity=0", "--command", SWEEP + _JUDGE, statuses=(0, 2)).splitlines()[-1]
    )
    return {name: found[name] for name in ("missing", "damaged", "orphans", "under_way")} | {
        "unfinished": [path.name for folder in _unfinished(portal) for path in folder.iterdir()]
    }


def _unfinished(portal: Portal) -> list[Path]:
    return [folder for folder in (portal.data / "objects" / "tmp", portal.data / "spool") if folder.is_dir()]


# What the judge says when the store holds exactly what the database knows.
NOTHING: dict[str, list[str] | int] = {"missing": [], "damaged": [], "orphans": [], "under_way": 0, "unfinished": []}
