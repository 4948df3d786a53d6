import pytest

from tests.isolation.world import OUTSIDERS

# One of each kind asks by every method; whoever has another role in the tenant, at his turn.
_BY_EVERY_METHOD = {"owner", "token", "guest", "patient"}


@pytest.fixture
def turn(request: pytest.FixtureRequest, who: str) -> int | None:
    """Whose turn it is to ask by which methods; None for all of them, as everybody does in `make soak`."""
    if who in _BY_EVERY_METHOD or request.config.getoption("--soak"):
        return None
    return OUTSIDERS.index(who)
