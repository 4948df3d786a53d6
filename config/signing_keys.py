"""Where the keys that sign the audit log lie: in the keyring, one small file for each tenant, wrapped by the root key.

What wraps them is an epoch of its own that belongs to no tenant: the destruction of a tenant's epochs leaves the proof
of it verifiable.
"""

import base64
import binascii
from uuid import UUID

import orjson
from django.conf import settings

from audit.errors import SigningKeyError
from audit.signing import SigningKey
from common.errors import DomainError
from common.ids import NIL
from vault import keyring, storage
from vault.keys import DataKey
from vault.storage.port import Storage

_EPOCH = 1


class KeyringStore:
    """Signing keys as files `signing/<tenant>.json` beside the epochs of the keyring."""

    def load(self, tenant_id: UUID) -> SigningKey | None:
        """Return the key of a tenant, or None where none was made."""
        data = self._store().get(_address(tenant_id))
        return self._opened(tenant_id, data) if data is not None else None

    def keep(self, tenant_id: UUID, key: SigningKey) -> None:
        """Write a key durably; one that exists stays as it is."""
        # First the epoch: it makes the root key where the keyring is still empty.
        keyring.current().create_epoch(NIL, _EPOCH)
        wrapping = keyring.current().epoch_key(NIL, _EPOCH)
        wrapped = wrapping.wrap(DataKey(key.seed), tenant_id=NIL, key_id=tenant_id, epoch=_EPOCH)
        data = orjson.dumps({"name": key.name, "wrapped": base64.b64encode(wrapped).decode()})
        self._store().put(_address(tenant_id), data, is_replacing=False)

    @staticmethod
    def _opened(tenant_id: UUID, data: bytes) -> SigningKey:
        try:
            held = orjson.loads(data)
            wrapped = base64.b64decode(held["wrapped"])
            wrapping = keyring.current().epoch_key(NIL, _EPOCH)
            key = wrapping.unwrap(wrapped, tenant_id=NIL, key_id=tenant_id, epoch=_EPOCH)
            return SigningKey(name=str(held["name"]), seed=key.reveal())
        except (orjson.JSONDecodeError, KeyError, TypeError, binascii.Error, DomainError) as error:
            raise SigningKeyError("A signing key in the keyring cannot be opened.") from error

    @staticmethod
    def _store() -> Storage:
        return storage.from_url(settings.BITEWING_KEYRING_URL)


def _address(tenant_id: UUID) -> str:
    return f"signing/{tenant_id}.json"


def store() -> KeyringStore:
    """Return the store of signing keys."""
    return KeyringStore()
