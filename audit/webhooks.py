"""Webhooks, signed with the key of a tenant's log (Standard Webhooks 1.0, asymmetric: v1a)."""

import base64
import hashlib

from audit.signing import Signer
from common.clock import now


def message_id(of: bytes) -> str:
    """Return the id of a message that says this; sent again after a failure it has the same one."""
    return f"msg_{hashlib.sha256(of).hexdigest()[:32]}"


def headers(signer: Signer, message: str, content: bytes) -> dict[str, str]:
    """Return the headers of a webhook.

    Parameters
    ----------
    message
        Its id, by which a receiver knows what it has taken already.
    content
        The body, as it is sent.
    """
    timestamp = str(int(now().timestamp()))
    signature = signer.sign(f"{message}.{timestamp}.".encode() + content)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Bitewing",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1a,{base64.b64encode(signature).decode()}",
    }


def public_key(signer: Signer) -> str:
    """Return the key by which a receiver verifies, as its libraries take it."""
    return f"whpk_{base64.b64encode(signer.public_key).decode()}"
