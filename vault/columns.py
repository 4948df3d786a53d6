"""Small sealed columns: values of a row that a backup of the database must not show, sealed under the study's key.

Layout: "DPC1", nonce[12], ciphertext, tag[16]. The associated data binds tenant, key and a label that names row and
column, so that a value cannot be moved to another place.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag

from vault.errors import ObjectTamperedError
from vault.floe import Buffer
from vault.keys import NONCE_SIZE, DataKey

MAGIC = b"DPC1"
_CIPHER_AT = len(MAGIC) + NONCE_SIZE


def seal(data: bytes, *, key: DataKey, tenant_id: UUID, key_id: UUID, label: str) -> bytes:
    """Return the sealed value: 32 bytes longer than the plain one."""
    nonce = os.urandom(NONCE_SIZE)
    return MAGIC + nonce + key.column_cipher.encrypt(nonce, data, _associated_data(tenant_id, key_id, label))


def unseal(sealed: Buffer, *, key: DataKey, tenant_id: UUID, key_id: UUID, label: str) -> bytes:
    """Return the plain value.

    Raises
    ------
    ObjectTamperedError
        If anything of it, or of where it stands, was changed.
    """
    sealed = bytes(sealed)
    nonce = sealed[len(MAGIC) : _CIPHER_AT]
    try:
        if not sealed.startswith(MAGIC):
            raise ValueError(sealed[:4])
        return key.column_cipher.decrypt(nonce, sealed[_CIPHER_AT:], _associated_data(tenant_id, key_id, label))
    except (InvalidTag, ValueError):
        raise ObjectTamperedError("A sealed column is damaged or was moved.") from None


def _associated_data(tenant_id: UUID, key_id: UUID, label: str) -> bytes:
    return MAGIC + tenant_id.bytes + key_id.bytes + label.encode()
