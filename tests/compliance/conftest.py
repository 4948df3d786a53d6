"""What all pages of compliance are looked at with."""

import pytest


@pytest.fixture(autouse=True)
def _remembered(long_memory: None) -> None:
    """Ask once who somebody is: pages are allowed few questions."""
