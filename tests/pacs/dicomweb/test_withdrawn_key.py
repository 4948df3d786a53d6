"""A key that the tenant has withdrawn is told as what it is: no fault of the portal, and nothing is lost."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from tests.factories.browsers import enter_as
from tests.factories.studies import make_files, make_study
from tests.pacs.dicomweb.requests import address, content_of, stow
from vault import services, watch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("X-04")]


@pytest.fixture
def own_root(tenant: Tenant, tmp_path: Path, settings: Any) -> Path:
    """A root key of the tenant's own, in a file."""
    path = tmp_path / "own.key"
    path.write_text(os.urandom(32).hex())
    path.chmod(0o600)
    services.change_root(tenant_id=tenant.id, root=f"file:{path}")
    return path


def test_images_are_refused_while_the_key_is_withdrawn_and_come_back_with_it(
    tenant: Tenant, own_root: Path, web: Client
) -> None:
    study = make_study(tenant.id, "s", 2)
    taken = own_root.rename(own_root.with_suffix(".taken"))
    watch.forget()

    refused = web.get(address(study))
    stored = stow(web, *make_files("other", 1))
    page = enter_as(tenant, "owner").get("/keys/").content.decode()

    assert (refused.status_code, refused.json()["type"]) == (503, "urn:bitewing:key-withdrawn")
    assert stored.status_code == 503
    assert "Withdrawn, or out of reach" in page
    assert str(own_root) not in page
    taken.rename(own_root)
    assert len(content_of(web.get(address(study)))) > 1000
