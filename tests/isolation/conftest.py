import pytest
from django.db import connection

from tests.isolation.world import OUTSIDERS

# One of each kind asks by every method, on SQLite; all others, and everybody on PostgreSQL, at their turn.
_BY_EVERY_METHOD = {"owner", "token", "guest", "patient"}


@pytest.fixture
def turn(request: pytest.FixtureRequest, who: str) -> int | None:
    """Whose turn it is to ask by which methods; None for all of them, as everybody does in `make soak`."""
    if request.config.getoption("--soak") or (who in _BY_EVERY_METHOD and connection.vendor == "sqlite"):
        return None
    return OUTSIDERS.index(who)
