"""A radiologist who reads the studies of one tenant."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from pacs.models import Study
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant

SceneOf = Callable[[Study], dict[str, Any]]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def reader(tenant: Tenant) -> Client:
    return enter_as(tenant, "radiologist")


@pytest.fixture
def scene_of(reader: Client) -> SceneOf:
    """Return the scene of a study as the viewer gets it."""

    def get(study: Study) -> dict[str, Any]:
        scene: dict[str, Any] = reader.get(f"/viewer/{study.id}/scene").json()
        return scene

    return get
