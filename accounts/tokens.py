"""The text form of an API token: `dpt_<id>_<secret>`."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

PREFIX = "dpt"


@dataclass(frozen=True, slots=True)
class TokenText:
    """A parsed token; the secret is not shown in its representation."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"TokenText({self.id})"


def new_secret() -> str:
    """Return 32 random bytes as base64url (43 characters)."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Return the SHA-256 that is kept instead of the secret."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, kept: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(digest(secret), bytes(kept))


def render(token_id: UUID, secret: str) -> str:
    """Return the text that its holder keeps."""
    return f"{PREFIX}_{token_id.hex}_{secret}"


def parse(text: str) -> TokenText | None:
    """Return the parts of a token, or None when it is not one."""
    prefix, _, rest = text.partition("_")
    hexadecimal, _, secret = rest.partition("_")
    if prefix != PREFIX or len(hexadecimal) != 32 or not secret:
        return None
    try:
        return TokenText(id=UUID(hexadecimal), secret=secret)
    except ValueError:
        return None
