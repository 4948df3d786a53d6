"""Where a database lies, by its URL."""

import pytest

from config.databases import connection


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://portal_app:p%40ss@db:6432/bitewing", ("db", "6432", "portal_app", "p@ss", "bitewing")),
        (
            "postgres://portal_app:p@%2Frun%2Fpostgresql/bitewing",
            ("/run/postgresql", "5432", "portal_app", "p", "bitewing"),
        ),
    ],
    ids=["a host", "a socket of this machine"],
)
def test_postgresql_is_reached_at_a_host_or_by_its_socket(url: str, expected: tuple[str, ...]) -> None:
    found = connection(url)

    assert tuple(found[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")) == expected
