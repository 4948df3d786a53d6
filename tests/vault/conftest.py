"""A store, a key and a vault of its own for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Tenant
from tests.vault.builders import make_key
from vault import keys_of_studies
from vault.keys_of_studies import KeyHandle
from vault.storage.file import FileStorage


@pytest.fixture
def store(tmp_path: Path) -> FileStorage:
    return FileStorage(tmp_path / "store")


@pytest.fixture
def key() -> KeyHandle:
    return make_key()


@pytest.fixture
def vault_folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Point the settings to a fresh store, keyring and root key; forget the keys of other tests."""
    settings.BITEWING_STORAGE_URL = f"file://{tmp_path}/objects"
    settings.BITEWING_KEYRING_URL = f"file://{tmp_path}/keyring"
    settings.BITEWING_ROOT_KEY_URL = f"file:{tmp_path}/root.key"
    settings.BITEWING_BACKUP_URL = f"file://{tmp_path}/backups"
    keys_of_studies.forget()
    yield tmp_path
    keys_of_studies.forget()


@pytest.fixture
def tenant(db: None, vault_folder: Path) -> Tenant:
    return Tenant.objects.create(slug="centre-a", name="Centre A")


@pytest.fixture
def other_tenant(db: None, vault_folder: Path) -> Tenant:
    return Tenant.objects.create(slug="centre-b", name="Centre B")
