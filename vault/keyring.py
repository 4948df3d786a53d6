"""The keyring: one key for each tenant and epoch, `<tenant>/<epoch>.kek`, outside the database.

Destroying an epoch destroys every data key that it wrapped, wherever copies of the database lie.
"""

import os
import time
from functools import cache, cached_property
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from common.errors import DomainError, UnavailableError
from vault import rootkeys, storage
from vault.cache import LIFETIME_S, ExpiringCache
from vault.errors import KeyringError, ObjectTamperedError
from vault.keys import KEY_SIZE, EpochKey
from vault.sealed_epochs import Sealed
from vault.storage.port import Storage

# How long a key under a tenant's own root is used after the tenant has withdrawn that root.
OWN_LIFETIME_S = 45.0
# What every process looks at: it changes with each barrier.
MESSAGE_KEY = "barrier"


class EpochMissingError(KeyringError):
    """The keyring has no such epoch: it was destroyed, or the keyring is not the right one."""


class Keyring:
    """Epoch keys, each behind the root key that wrapped it."""

    def __init__(self, store: Storage, root_url: str) -> None:
        self._store = store
        self._root_url = root_url
        self._cache: ExpiringCache[tuple[UUID, int], EpochKey] = ExpiringCache(size=1024)

    def __repr__(self) -> str:
        return "<Keyring>"

    @property
    def store(self) -> Storage:
        """Return where the files lie."""
        return self._store

    @cached_property
    def _deployment_root(self) -> rootkeys.Root:
        return rootkeys.load(self._root_url, keyring=self._store)

    def _root(self, sealed: Sealed) -> rootkeys.Root:
        if not sealed.root:
            return self._deployment_root
        return rootkeys.load_own(sealed.root, deployment=sealed.deployment)

    def create_epoch(self, tenant_id: UUID, epoch: int, *, root: str = "") -> None:
        """Make the key of an epoch durably; one that exists stays as it is.

        Parameters
        ----------
        root
            URL of the tenant's own root key, or nothing for that of the deployment.

        Raises
        ------
        KeyringError, KeyWithdrawnError
            If the root key cannot be used.
        """
        if root and self.has_epoch(tenant_id, epoch):
            return
        self.import_epoch(tenant_id, epoch, os.urandom(KEY_SIZE), root=root)

    def import_epoch(self, tenant_id: UUID, epoch: int, value: bytes, *, root: str = "") -> None:
        """Wrap a key that is known and keep it; one that exists stays as it is."""
        empty = Sealed(root, (urlsplit(settings.BITEWING_BASE_URL).hostname or "") if root else "", b"")
        wrapped = self._root(empty).wrap_epoch(value, tenant_id=tenant_id, epoch=epoch)
        sealed = Sealed(empty.root, empty.deployment, wrapped)
        self._store.put(_address(tenant_id, epoch), sealed.pack(), is_replacing=False)

    def has_epoch(self, tenant_id: UUID, epoch: int) -> bool:
        """Say whether the keyring has the file of an epoch."""
        return self._store.size(_address(tenant_id, epoch)) is not None

    def sealed_epoch(self, tenant_id: UUID, epoch: int) -> Sealed:
        """Return what the file of an epoch holds, without opening it.

        Raises
        ------
        EpochMissingError, KeyringError
            If the keyring does not have it, or it is damaged.
        """
        data = self._store.get(_address(tenant_id, epoch))
        if data is None:
            raise EpochMissingError("The keyring lacks epoch {epoch} of a tenant.", epoch=epoch)
        try:
            return Sealed.parse(data)
        except ObjectTamperedError:
            raise KeyringError("A file of the keyring is damaged, or belongs to another root key.") from None

    def epoch_key(self, tenant_id: UUID, epoch: int) -> EpochKey:
        """Return the key of an epoch.

        Raises
        ------
        EpochMissingError
            If the keyring does not have it.
        KeyWithdrawnError
            If the tenant has withdrawn the root key that opens it.
        KeyringError
            If it was changed, or wrapped by another root key.
        """
        return self.epoch_key_until(tenant_id, epoch)[1]

    def epoch_key_until(self, tenant_id: UUID, epoch: int) -> tuple[float, EpochKey]:
        """Return the key of an epoch, and until when (of the monotonic clock) what it opens may be kept."""
        found = self._cache.get_until((tenant_id, epoch))
        if found is None:
            began = time.monotonic()
            sealed = self.sealed_epoch(tenant_id, epoch)
            root = self._root(sealed)
            key = _open(root, sealed, tenant_id, epoch)
            until = began + (OWN_LIFETIME_S if sealed.root or root.can_be_withdrawn else LIFETIME_S)
            found = self._cache.put((tenant_id, epoch), key, until=until), key
        return found

    def answers(self, tenant_id: UUID, epoch: int) -> bool:
        """Say whether the root key opens an epoch at this moment, whatever is in memory."""
        try:
            sealed = self.sealed_epoch(tenant_id, epoch)
            _open(self._root(sealed), sealed, tenant_id, epoch)
        except DomainError:
            return False
        return True

    def destroy_epoch(self, tenant_id: UUID, epoch: int) -> None:
        """Remove the key of an epoch for good, and have its absence confirmed.

        Raises
        ------
        UnavailableError
            If the store still has it, or an old version of it.
        """
        address = _address(tenant_id, epoch)
        self._store.delete([address])
        self._cache.drop((tenant_id, epoch))
        if self._store.remaining([address]):
            raise UnavailableError("The store of the keyring keeps what it was told to remove.")

    def announce(self) -> None:
        """Tell all processes that an epoch has ended: they forget their keys when they next look (`vault.watch`)."""
        self._store.put(MESSAGE_KEY, os.urandom(16), is_replacing=True)

    def message(self) -> bytes | None:
        """Return the last message."""
        return self._store.get(MESSAGE_KEY)

    def forget(self) -> None:
        """Drop all keys from memory."""
        self._cache.clear()

    def expire(self) -> None:
        """Drop from memory what is over its time."""
        self._cache.expire()

    def probe(self) -> None:
        """Raise unless the root key can be read and the keyring written."""
        repr(self._deployment_root)
        self._store.probe()


def _open(root: rootkeys.Root, sealed: Sealed, tenant_id: UUID, epoch: int) -> EpochKey:
    try:
        return root.unwrap_epoch(sealed.wrapped, tenant_id=tenant_id, epoch=epoch)
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
