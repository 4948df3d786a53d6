"""The certificate of a destruction: canonical JSON (RFC 8785) signed with Ed25519 (RFC 8032).

What it says can be read by a person; what it proves is checked by `audit/verify_audit.py`, one file that needs nothing
of the portal.
"""

import base64
import datetime as dt
import hashlib
import json
from typing import Any

KIND = "bitewing-destruction-certificate/v1"
# Of the event in the audit log, to which a certificate holds a proof.
ACTION = "study.destroyed"
METHOD = (
    "Cryptographic erase: the only key that opened these objects was itself wrapped by the key of an epoch, which lay "
    "outside the database. All keys that survive were wrapped anew, then the key of the epoch was destroyed. Then the "
    "sealed objects were removed with all their versions, and the store confirmed that none is left."
)
STANDARDS = (
    "NIST SP 800-88 Rev. 2, Guidelines for Media Sanitization: cryptographic erase (purge)",
    "45 CFR 164.310(d)(2)(i), HIPAA Security Rule: disposal",
)


def canonical(value: object) -> bytes:
    """Return the canonical bytes of strings, whole numbers, lists and objects (RFC 8785).

    Names are ASCII here, so that their order by code points is that of the standard.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def instant(moment: dt.datetime) -> str:
    """Return an instant in UTC as certificates write it (RFC 3339)."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(objects: list[dict[str, Any]]) -> str:
    """Return the SHA-256 of the list of objects, by which the audit log commits to it."""
    return hashlib.sha256(canonical(objects)).hexdigest()


def envelope(*, body: bytes, signature: bytes, verifier_key: str) -> bytes:
    """Return the file that is handed out, as `verify_audit.py` takes a signed document."""
    signed = {"key": verifier_key, "value": base64.b64encode(signature).decode()}
    return json.dumps({"document": json.loads(body), "signature": signed}, indent=1, ensure_ascii=False).encode()


def signature_of(held: dict[str, Any]) -> bytes:
    """Return the signature of a certificate as it was handed out."""
    return base64.b64decode(held["signature"]["value"])
