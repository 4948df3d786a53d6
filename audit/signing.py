"""The key that signs for a tenant: Ed25519 (RFC 8032), named as in signed notes (c2sp.org/signed-note).

The key lies outside the database, so that whoever owns the database cannot sign. Where it lies is a matter of the
deployment: the setting AUDIT_SIGNING_KEYS names a function that returns a `KeyStore`.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.module_loading import import_string

from audit.errors import SigningKeyError
from common.ids import NIL

SEED_SIZE = 32
# The algorithm byte of Ed25519 in key ids and verifier keys of signed notes.
_ALGORITHM = b"\x01"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the name under which it signs, given once when it is made."""

    name: str
    seed: bytes = field(repr=False)


class KeyStore(Protocol):
    """Where signing keys lie."""

    def load(self, tenant_id: UUID) -> SigningKey | None:
        """Return the key of a tenant, or None where none was made."""

    def keep(self, tenant_id: UUID, key: SigningKey) -> None:
        """Write a key durably; one that exists stays as it is."""


class Signer:
    """Signs for one tenant.

    Attributes
    ----------
    name
        Key name of signed notes, and origin of the tenant's log: `<host>/audit/<tenant>`.
    """

    def __init__(self, key: SigningKey) -> None:
        self.name = key.name
        self._key = Ed25519PrivateKey.from_private_bytes(key.seed)

    def __repr__(self) -> str:
        return f"<Signer {self.name}>"

    @cached_property
    def public_key(self) -> bytes:
        """Return the 32 bytes of the public key (RFC 8032 5.1.5)."""
        return self._key.public_key().public_bytes_raw()

    @cached_property
    def key_id(self) -> bytes:
        """Return the four bytes that stand before a signature in a note (c2sp.org/signed-note, Signatures)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ALGORITHM + self.public_key).digest()[:4]

    @cached_property
    def verifier_key(self) -> str:
        """Return name, key id and public key as one word, to be handed to who verifies."""
        encoded = base64.b64encode(_ALGORITHM + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature.

        Parameters
        ----------
        message
            Its beginning says what it is, so that no signature of one kind passes for another: a checkpoint begins
            with the origin, a leaf with `bitewing-leaf/v1`, a webhook with `msg_`, a JSON document with `{`.
        """
        return self._key.sign(message)


def verifies(*, public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature is that of a message by a key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def signer_of(*, tenant_id: UUID) -> Signer:
    """Return who signs for a tenant; the key is made at the first call. The deployment itself is tenant NIL.

    Raises
    ------
    SigningKeyError
        If the key that was made is not there.
    """
    store: KeyStore = import_string(settings.AUDIT_SIGNING_KEYS)()
    found = store.load(tenant_id)
    if found is None:
        store.keep(tenant_id, SigningKey(_origin(tenant_id), secrets.token_bytes(SEED_SIZE)))
        found = store.load(tenant_id)
    if found is None:
        raise SigningKeyError("The key store does not keep what it is given.")
    return Signer(found)


def _origin(tenant_id: UUID) -> str:
    host = urlsplit(settings.BITEWING_BASE_URL).netloc
    return f"{host}/audit/{'deployment' if tenant_id == NIL else tenant_id}"
