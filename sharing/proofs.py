"""What proves a right: secrets of links, browsers, sessions (kept as SHA-256); codes, mailed and printed (as a MAC)."""

import hashlib
import hmac
import re
import secrets
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SECRET_LENGTH = 43
CODE_DIGITS = 8
# Crockford's base 32: no letter that looks like a digit. The first half finds the row, the second is 40 random bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
PRINTED_LENGTH, _HALF = 16, 8


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


def new_printed_code() -> str:
    """Return a random code to be printed and typed: 16 letters and digits, in groups of four."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(PRINTED_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, PRINTED_LENGTH, 4))


def read_printed_code(text: str) -> str:
    """Return a printed code as it was made, however it was typed; nothing when it cannot be one."""
    code = re.sub(r"[\s-]", "", text.upper()).translate(_LOOKALIKES)
    return code if len(code) == PRINTED_LENGTH and set(code) <= set(_ALPHABET) else ""


def printed_code_id(code: str) -> UUID:
    """Return the id under which the tenant of a printed code is found: its first half, which alone opens nothing."""
    return UUID(bytes=hashlib.sha256(b"bitewing/printed-code/" + code[:_HALF].encode()).digest()[:16], version=5)


def printed_code_mac(code: str) -> bytes:
    """Return the MAC of a printed code that is kept instead of it."""
    return hmac.digest(_code_key(settings.SECRET_KEY), b"printed" + code.encode(), "sha256")


def printed_code_matches(code: str, kept: bytes | memoryview) -> bool:
    """Compare a printed code with its kept MAC in constant time."""
    return hmac.compare_digest(printed_code_mac(code), bytes(kept))


def passkey_id(credential_id: bytes) -> UUID:
    """Return the id under which the tenant of a passkey is found."""
    return UUID(bytes=hashlib.sha256(b"bitewing/passkey/" + credential_id).digest()[:16], version=5)


def hint(address: str) -> str:
    """Return an address as its owner recognises it and a stranger does not learn it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
