"""What proves a right: secrets of links, browsers, sessions (kept as SHA-256); one-time codes (kept as a MAC)."""

import hashlib
import hmac
import secrets
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SECRET_LENGTH = 43
CODE_DIGITS = 8


def new_secret() -> str:
    """Return 32 random bytes as base64url (43 characters)."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return a random code of eight digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def digest(secret: str) -> bytes:
    """Return the SHA-256 that is kept instead of the secret."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, kept: bytes | memoryview) -> bool:
    """Compare a secret with its kept digest in constant time."""
    return hmac.compare_digest(digest(secret), bytes(kept))


def code_mac(*, link_id: UUID, nonce: str, code: str) -> bytes:
    """Return the MAC of a code for one link and one browser: eight digits alone would be found by trying all."""
    message = link_id.bytes + digest(nonce) + code.encode()
    return hmac.digest(_code_key(settings.SECRET_KEY), message, "sha256")


def code_matches(*, link_id: UUID, nonce: str, code: str, kept: bytes | memoryview) -> bool:
    """Compare a code with its kept MAC in constant time."""
    return hmac.compare_digest(code_mac(link_id=link_id, nonce=nonce, code=code), bytes(kept))


@lru_cache(maxsize=2)
def _code_key(secret_key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bitewing/sharing/one-time-code").derive(
        secret_key.encode()
    )


def hint(address: str) -> str:
    """Return an address as its owner recognises it and a stranger does not learn it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
