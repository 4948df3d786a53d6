"""Sealing to people: what only the holders of recovery keys can open, should everything else be lost.

X25519 (RFC 7748) with a fresh key for each recipient, HKDF-SHA-384 (RFC 5869), AES-256-GCM. Layout, big endian::

    "DPR1" | u8 recipients | per recipient: name[8] ephemeral[32] wrapped[48] | nonce[12] | ciphertext and tag

`name` is the beginning of the SHA-256 of the public key. Everything before the nonce is associated data of the content.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from vault.errors import ObjectTamperedError, RecoveryKeyError
from vault.keys import KEY_SIZE, NONCE_SIZE

MAGIC = b"DPR1"
PUBLIC = "bwr1-"
PRIVATE = "bwr1-secret-"
# One lost key must not be the loss of all.
AT_LEAST = 2
_NAME_SIZE = 8
_ENTRY_SIZE = _NAME_SIZE + KEY_SIZE + KEY_SIZE + 16
_ZERO_NONCE = bytes(NONCE_SIZE)


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The private half, kept apart from the portal."""

    _key: X25519PrivateKey = field(repr=False)

    @classmethod
    def fresh(cls) -> "RecoveryKey":
        """Return a new one."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def read(cls, path: Path) -> "RecoveryKey":
        """Read the file of a recovery key.

        Raises
        ------
        RecoveryKeyError
            If it is none.
        """
        try:
            text = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise RecoveryKeyError("The file of the recovery key cannot be read.") from None
        return cls(X25519PrivateKey.from_private_bytes(_decode(text, PRIVATE)))

    @property
    def text(self) -> str:
        """Return what its file holds."""
        return PRIVATE + _encode(self._key.private_bytes_raw())

    @property
    def recipient(self) -> str:
        """Return the public half, as BITEWING_RECOVERY_RECIPIENTS takes it."""
        return PUBLIC + _encode(self._key.public_key().public_bytes_raw())

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed to this key among others.

        Raises
        ------
        RecoveryKeyError
            If it was not sealed to this key.
        ObjectTamperedError
            If it was changed.
        """
        size = len(MAGIC) + 1 + _ENTRY_SIZE * int.from_bytes(sealed[4:5], "big")
        head, body = sealed[:size], sealed[size:]
        if not sealed.startswith(MAGIC) or len(head) != size:
            raise ObjectTamperedError("This is nothing that was sealed for recovery.")
        public = self._key.public_key().public_bytes_raw()
        for at in range(len(MAGIC) + 1, size, _ENTRY_SIZE):
            entry = head[at : at + _ENTRY_SIZE]
            if entry[:_NAME_SIZE] == _name(public):
                return self._open(entry, head, body, public)
        raise RecoveryKeyError("This was sealed to other recovery keys.")

    def _open(self, entry: bytes, head: bytes, body: bytes, public: bytes) -> bytes:
        ephemeral = entry[_NAME_SIZE : _NAME_SIZE + KEY_SIZE]
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            wrapping = AESGCM(_derive(shared, ephemeral, public))
            content = AESGCM(wrapping.decrypt(_ZERO_NONCE, entry[_NAME_SIZE + KEY_SIZE :], None))
            return content.decrypt(body[:NONCE_SIZE], body[NONCE_SIZE:], head)
        except (InvalidTag, ValueError):
            raise ObjectTamperedError("What was sealed for recovery is damaged.") from None


def recipients() -> list[bytes]:
    """Return the public keys of the settings; none where recovery is not arranged.

    Raises
    ------
    RecoveryKeyError
        If one of them is none, or there is only one.
    """
    words = [word.strip() for word in settings.BITEWING_RECOVERY_RECIPIENTS.split(",") if word.strip()]
    found = sorted({_decode(word, PUBLIC) for word in words})
    if words and len(found) < AT_LEAST:
        raise RecoveryKeyError("BITEWING_RECOVERY_RECIPIENTS names two different public keys at least.")
    return found


def seal(data: bytes, to: list[bytes]) -> bytes:
    """Seal data so that each of the recipients can open it alone."""
    key = os.urandom(KEY_SIZE)
    head = MAGIC + len(to).to_bytes(1, "big") + b"".join(_wrap(key, public) for public in to)
    nonce = os.urandom(NONCE_SIZE)
    return head + nonce + AESGCM(key).encrypt(nonce, data, head)


def _wrap(key: bytes, public: bytes) -> bytes:
    once = X25519PrivateKey.generate()
    ephemeral = once.public_key().public_bytes_raw()
    wrapping = _derive(once.exchange(X25519PublicKey.from_public_bytes(public)), ephemeral, public)
    # The wrapping key is used for this one message.
    return _name(public) + ephemeral + AESGCM(wrapping).encrypt(_ZERO_NONCE, key, None)


def _derive(shared: bytes, ephemeral: bytes, public: bytes) -> bytes:
    return HKDF(SHA384(), KEY_SIZE, salt=None, info=b"bitewing-recovery/1" + ephemeral + public).derive(shared)


def _name(public: bytes) -> bytes:
    return hashlib.sha256(public).digest()[:_NAME_SIZE]


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str, prefix: str) -> bytes:
    try:
        value = base64.b64decode(text.removeprefix(prefix) + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if not text.startswith(prefix) or len(value) != KEY_SIZE:
        raise RecoveryKeyError("A recovery key begins with {prefix} and has 43 further characters.", prefix=prefix)
    return value
