"""The same people as on the pages of images."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts import selectors as accounts
from accounts.models import Tenant
from tests.config.practice import Practice
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant
from vault import watch
from vault.recovery import RecoveryKey


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def officer(tenant: Tenant) -> Client:
    return enter_as(tenant, "compliance_officer")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()


@pytest.fixture
def practice(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Practice]:
    for name in ("storage", "keyring", "backup"):
        setattr(settings, f"BITEWING_{name.upper()}_URL", f"file://{tmp_path}/{name}")
    settings.BITEWING_ROOT_KEY_URL = f"file:{tmp_path}/root.key"
    keys = [RecoveryKey.fresh(), RecoveryKey.fresh()]
    settings.BITEWING_RECOVERY_RECIPIENTS = ",".join(key.recipient for key in keys)
    watch.forget()
    yield Practice(tmp_path, Tenant.objects.create(slug="centre-a", name="Centre A"), keys)
    watch.forget()
    place = Path(str(connection.settings_dict["NAME"]))
    for kept in place.parent.glob(f"{place.name}.before-restore-*"):
        kept.unlink()
