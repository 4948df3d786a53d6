"""The keyring: one key for each tenant and epoch, `<tenant>/<epoch>.kek`, wrapped by the root, outside the database.

Destroying an epoch destroys every data key that it wrapped, wherever copies of the database lie.
"""

import os
from functools import cache, cached_property
from uuid import UUID

from django.conf import settings

from vault import rootkeys, storage
from vault.cache import ExpiringCache
from vault.errors import KeyringError, ObjectTamperedError
from vault.keys import KEY_SIZE, EpochKey, RootKey
from vault.storage.port import Storage

MAGIC = b"DPE1"


class EpochMissingError(KeyringError):
    """The keyring has no such epoch: it was destroyed, or the keyring is not the right one."""


class Keyring:
    """Epoch keys behind a root key."""

    def __init__(self, store: Storage, root_url: str) -> None:
        self._store = store
        self._root_url = root_url
        self._cache: ExpiringCache[tuple[UUID, int], EpochKey] = ExpiringCache(size=1024)

    def __repr__(self) -> str:
        return "<Keyring>"

    @cached_property
    def _root(self) -> RootKey:
        return rootkeys.load(self._root_url, keyring=self._store)

    def create_epoch(self, tenant_id: UUID, epoch: int) -> None:
        """Make the key of an epoch durably; one that exists stays as it is."""
        sealed = self._root.wrap_epoch(os.urandom(KEY_SIZE), tenant_id=tenant_id, epoch=epoch)
        self._store.put(_address(tenant_id, epoch), MAGIC + sealed, is_replacing=False)

    def epoch_key(self, tenant_id: UUID, epoch: int) -> EpochKey:
        """Return the key of an epoch.

        Raises
        ------
        EpochMissingError
            If the keyring does not have it.
        KeyringError
            If it was changed, or wrapped by another root key.
        """
        found = self._cache.get((tenant_id, epoch))
        if found is None:
            found = self._load(tenant_id, epoch)
            self._cache.put((tenant_id, epoch), found)
        return found

    def destroy_epoch(self, tenant_id: UUID, epoch: int) -> None:
        """Remove the key of an epoch for good."""
        self._store.delete([_address(tenant_id, epoch)])
        self._cache.drop((tenant_id, epoch))

    def forget(self) -> None:
        """Drop all keys from memory."""
        self._cache.clear()

    def probe(self) -> None:
        """Raise unless the root key can be read and the keyring written."""
        repr(self._root)
        self._store.probe()

    def _load(self, tenant_id: UUID, epoch: int) -> EpochKey:
        data = self._store.get(_address(tenant_id, epoch))
        if data is None:
            raise EpochMissingError("The keyring lacks epoch {epoch} of a tenant.", epoch=epoch)
        try:
            if not data.startswith(MAGIC):
                raise ObjectTamperedError
            return self._root.unwrap_epoch(data[len(MAGIC) :], tenant_id=tenant_id, epoch=epoch)
        except ObjectTamperedError:
            raise KeyringError("A file of the keyring is damaged, or belongs to another root key.") from None


def _address(tenant_id: UUID, epoch: int) -> str:
    return f"{tenant_id}/{epoch}.kek"


@cache
def _keyring(store_url: str, root_url: str) -> Keyring:
    return Keyring(storage.from_url(store_url), root_url)


def current() -> Keyring:
    """Return the keyring of the settings, one for each process."""
    return _keyring(settings.BITEWING_KEYRING_URL, settings.BITEWING_ROOT_KEY_URL)
