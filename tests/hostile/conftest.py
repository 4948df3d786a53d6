"""Portals that run as processes."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.factories.portal import APPLICATION, portal
from tests.hostile.running import Running, Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start portals for the tests of one module."""
    with ExitStack() as stack:

        def start(folder: Path | None = None, *, application: str = APPLICATION, with_worker: bool = False) -> Running:
            place = folder or tmp_path_factory.mktemp("portal")
            found = stack.enter_context(portal(place, application=application, with_worker=with_worker))
            slug = found.create_tenant("Hostile Imaging")
            return Running(found, slug, found.create_token(slug))

        yield start
