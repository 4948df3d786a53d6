from collections.abc import Iterator

import pytest

from accounts.models import Tenant
from tests.factories.cast import make_tenant
from tests.factories.receiver import Receiver, receiving


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving(monkeypatch) as server:
        yield server
