"""Links from a practice-management system to the studies of a patient id or accession number.

The number is sealed (AES-256-GCM) into the address, so that no history, log or proxy reads it. A link proves nothing
and opens nothing: whoever follows it signs in, and finds what his own centre has.
"""

import base64
import binascii
import os
import time
from dataclasses import dataclass
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

LIFE_S = 12 * 3600
MAX_NUMBER = 64
# What a number may be of, and the column that holds it.
COLUMNS = {"accession_number": "accession_number", "patient_id": "dicom_patient_id"}
_NONCE, _MAX_TOKEN = 12, 512


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a link leads to."""

    kind: str
    number: str


def seal(wanted: Wanted) -> str:
    """Return the token of a link."""
    nonce = os.urandom(_NONCE)
    plain = orjson.dumps([wanted.kind, wanted.number, int(time.time()) + LIFE_S])
    return (
        base64.urlsafe_b64encode(nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, plain, None)).decode().rstrip("=")
    )


def unseal(token: str) -> Wanted | None:
    """Return what a token leads to; None when it is not ours or too old."""
    if len(token) > _MAX_TOKEN:
        return None
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        kind, number, until = orjson.loads(_cipher(settings.SECRET_KEY).decrypt(data[:_NONCE], data[_NONCE:], None))
    except (binascii.Error, InvalidTag, ValueError):
        return None
    return Wanted(kind, number) if time.time() < until else None


@lru_cache(maxsize=2)
def _cipher(secret_key: str) -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bitewing/pacs/deep-link").derive(secret_key.encode())
    return AESGCM(key)
