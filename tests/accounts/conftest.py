"""Every test begins with nothing kept in this process."""

from collections.abc import Iterator

import pytest

from accounts import selectors


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    selectors.forget()
    yield
    selectors.forget()
