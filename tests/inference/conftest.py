"""Where most tests of networks happen: a centre that has one, and a study that it looked at."""

import pytest

from pacs.models import Study
from tests.factories.inference import Centre, analysed_study, make_centre


@pytest.fixture
def centre() -> Centre:
    return make_centre()


@pytest.fixture
def study(centre: Centre) -> Study:
    return analysed_study(centre)
