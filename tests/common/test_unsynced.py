"""What need not wait for the disk, and whatever is committed around it, which must."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from common.unsynced import unsynced

pytestmark = pytest.mark.django_db(transaction=True)

FULL = {"sqlite": 2, "postgresql": "on"}
RELAXED = {"sqlite": 1, "postgresql": "off"}


@pytest.fixture(autouse=True)
def _waits() -> Iterator[None]:
    """The server of the suite waits for no commit."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


def mode() -> object:
    """Return what a commit waits for now."""
    asked = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return cursor.fetchone()[0]


def test_only_the_block_does_not_wait() -> None:
    before = mode()
    with unsynced(), transaction.atomic():
        inside = mode()

    assert (before, inside, mode()) == (FULL[connection.vendor], RELAXED[connection.vendor], FULL[connection.vendor])


def test_after_a_failure_everything_waits_again() -> None:
    with pytest.raises(LookupError), unsynced():
        raise LookupError

    assert mode() == FULL[connection.vendor]


def test_a_transaction_is_what_it_was_begun_as() -> None:
    with transaction.atomic(), unsynced():
        assert mode() == FULL[connection.vendor]
