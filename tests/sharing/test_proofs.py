"""Secrets and codes, and what is kept of them."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import LazySettings

from common.ids import uuid7
from sharing import proofs

LINK, NONCE, CODE = uuid7(), "n" * 43, "01234567"


def mac(**changes: object) -> bytes:
    return proofs.code_mac(**{"link_id": LINK, "nonce": NONCE, "code": CODE, **changes})  # type: ignore[arg-type]


@pytest.mark.req("X-10")
def test_a_secret_is_thirty_two_random_bytes_as_base64url() -> None:
    secrets = {proofs.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {43}


def test_a_code_is_eight_digits() -> None:
    codes = [proofs.new_code() for _ in range(200)]
    assert all(len(code) == 8 and code.isdigit() for code in codes)
    assert len(set(codes)) > 190


def test_the_mac_of_a_code_depends_on_link_browser_and_code() -> None:
    macs = {mac(), mac(link_id=uuid7()), mac(nonce="m" * 43), mac(code="01234568")}
    assert len(macs) == 4


def test_the_key_of_the_mac_is_derived_from_the_secret_of_the_portal(settings: LazySettings) -> None:
    settings.SECRET_KEY = "another"
    key = HKDF(SHA256(), 32, None, b"bitewing/sharing/one-time-code").derive(b"another")
    message = LINK.bytes + hashlib.sha256(NONCE.encode()).digest() + CODE.encode()
    assert mac() == hmac.digest(key, message, "sha256")


def test_a_secret_matches_its_digest_only() -> None:
    secret = proofs.new_secret()
    assert proofs.matches(secret, hashlib.sha256(secret.encode()).digest())
    assert not proofs.matches(secret + "a", hashlib.sha256(secret.encode()).digest())


def test_a_code_of_other_characters_is_simply_wrong() -> None:
    assert not proofs.code_matches(link_id=LINK, nonce=NONCE, code="١٢٣٤٥٦٧٨", kept=mac())


@pytest.mark.parametrize(("address", "hint"), [("d@example.org", "d•••@example.org"), ("dr.x@a.b", "d•••@a.b")])
def test_a_hint_shows_one_letter_and_the_domain(address: str, hint: str) -> None:
    assert proofs.hint(address) == hint
