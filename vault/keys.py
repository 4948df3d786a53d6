"""Keys in memory: they wrap, seal and open, and never show or pickle their bytes."""

import os
from collections.abc import Iterable
from typing import NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from vault.errors import ObjectTamperedError

KEY_SIZE = 32
NONCE_SIZE = 12
CHECK_VALUE_SIZE = 8
WRAPPED_SIZE = NONCE_SIZE + KEY_SIZE + 16


class Key:
    """32 secret bytes."""

    __slots__ = ("_cipher", "_value")

    def __init__(self, value: bytes) -> None:
        if len(value) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes, not {len(value)}")
        self._value = value
        self._cipher: AESGCM | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not pickled")

    def _derive(self, purpose: bytes, size: int) -> bytes:
        return HKDFExpand(SHA384(), size, purpose).derive(self._value)

    def _wrapping(self) -> AESGCM:
        """Return the cipher that wraps, made once: at the end of an epoch it is asked for each key of a tenant."""
        if self._cipher is None:
            self._cipher = AESGCM(self._value)
        return self._cipher

    def _seal(self, value: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._wrapping().encrypt(nonce, value, aad)

    def _open(self, sealed: bytes, aad: bytes) -> bytes:
        try:
            return self._wrapping().decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], aad)
        except (InvalidTag, ValueError):
            raise ObjectTamperedError("A wrapped key is damaged, or was wrapped for another place.") from None


class DataKey(Key):
    """The key of one study or patient (DEK)."""

    __slots__ = ("_column_cipher",)

    def __init__(self, value: bytes) -> None:
        super().__init__(value)
        self._column_cipher: AESGCM | None = None

    @classmethod
    def fresh(cls) -> "DataKey":
        """Return a new random key."""
        return cls(os.urandom(KEY_SIZE))

    def reveal(self) -> bytes:
        """Return the bytes, for the cipher only."""
        return self._value

    @property
    def check_value(self) -> bytes:
        """Return eight derived bytes by which the key is recognised, also after its destruction."""
        return self._derive(b"kcv", CHECK_VALUE_SIZE)

    @property
    def column_cipher(self) -> AESGCM:
        """Return the cipher of small sealed columns, derived once."""
        if self._column_cipher is None:
            self._column_cipher = AESGCM(self._derive(b"column", KEY_SIZE))
        return self._column_cipher


class EpochKey(Key):
    """The key of one epoch of a tenant (KEK): it wraps data keys and lives outside the database."""

    __slots__ = ()

    def wrap(self, key: DataKey, *, tenant_id: UUID, key_id: UUID, epoch: int) -> bytes:
        """Return the 60 bytes kept in the row: nonce, sealed key, tag."""
        return self._seal(key.reveal(), _wrap_aad(tenant_id, key_id, epoch))

    def rewrap(
        self, rows: Iterable[tuple[bytes, bytes]], by: "EpochKey", *, tenant_id: UUID, epochs: tuple[int, int]
    ) -> list[tuple[bytes, bytes]]:
        """Return data keys of rows, wrapped by another epoch instead of this one.

        Parameters
        ----------
        rows
            The 16 bytes of the id of each, and what the row holds.
        by
            The key of the later epoch.
        epochs
            The number of this epoch, and of the later one.

        Raises
        ------
        ObjectTamperedError
            If one was changed, or wrapped for another tenant, row or epoch.
        """
        before, after = ((b"DPK1" + tenant_id.bytes, epoch.to_bytes(4, "big")) for epoch in epochs)
        return [
            (key_id, by._seal(self._open(wrapped, key_id.join(before)), key_id.join(after))) for key_id, wrapped in rows
        ]

    def reveal(self) -> bytes:
        """Return the bytes, for the escrow only."""
        return self._value

    def manifest_key(self) -> bytes:
        """Return the key that authenticates the manifest of an epoch."""
        return self._derive(b"manifest", KEY_SIZE)

    def unwrap(self, wrapped: bytes, *, tenant_id: UUID, key_id: UUID, epoch: int) -> DataKey:
        """Return the data key of a row.

        Raises
        ------
        ObjectTamperedError
            If the bytes were changed, or wrapped for another tenant, row or epoch.
        """
        return DataKey(self._open(bytes(wrapped), _wrap_aad(tenant_id, key_id, epoch)))


class RootKey(Key):
    """The key that wraps the epochs of all tenants; an operator keeps it."""

    can_be_withdrawn = False

    __slots__ = ()

    def wrap_epoch(self, value: bytes, *, tenant_id: UUID, epoch: int) -> bytes:
        """Return what a keyring file holds of an epoch."""
        return self._seal(value, _epoch_aad(tenant_id, epoch))

    def unwrap_epoch(self, sealed: bytes, *, tenant_id: UUID, epoch: int) -> EpochKey:
        """Return the key of an epoch.

        Raises
        ------
        ObjectTamperedError
            If the bytes were changed, or this is not the root that wrapped them.
        """
        return EpochKey(self._open(sealed, _epoch_aad(tenant_id, epoch)))


def _wrap_aad(tenant_id: UUID, key_id: UUID, epoch: int) -> bytes:
    return b"DPK1" + tenant_id.bytes + key_id.bytes + epoch.to_bytes(4, "big")


def _epoch_aad(tenant_id: UUID, epoch: int) -> bytes:
    return b"DPE1" + tenant_id.bytes + epoch.to_bytes(4, "big")
