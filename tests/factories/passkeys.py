"""An authenticator made of software (WebAuthn level 2, 6): it makes ES256 passkeys and signs with them."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from webauthn.helpers import bytes_to_base64url as text_of

ORIGIN = "http://testserver"
# User present and verified; attested credential data included (6.1).
PRESENT_AND_VERIFIED, WITH_CREDENTIAL = 0x05, 0x40


@dataclass
class Authenticator:
    """A device with one passkey."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    count: int = 0
    flags: int = PRESENT_AND_VERIFIED

    def make(self, options: dict[str, Any], *, origin: str = ORIGIN) -> dict[str, Any]:
        """Answer a request to make a passkey."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        credential = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], WITH_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client("webauthn.create", options["challenge"], origin)
        return self._answer({"clientDataJSON": text_of(client), "attestationObject": text_of(attestation)})

    def sign(self, options: dict[str, Any], *, origin: str = ORIGIN) -> dict[str, Any]:
        """Answer a request to sign in."""
        data, client = self._data(options["rpId"]), _client("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": text_of(client),
                "authenticatorData": text_of(data),
                "signature": text_of(signature),
                "userHandle": None,
            }
        )

    def _data(self, host: str, more: int = 0) -> bytes:
        self.count += 1
        return hashlib.sha256(host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = text_of(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def post(client: Client, path: str, answer: dict[str, Any] | None = None) -> Any:
    """Send JSON as the page does."""
    return client.post(path, json.dumps(answer or {}), content_type="application/json")


def make_passkey(client: Client, device: Authenticator, **options: Any) -> Any:
    """Make a passkey in the browser of a patient who came in."""
    asked = post(client, "/p/passkey/begin").json()
    return post(client, "/p/passkey/keep", device.make(asked, **options))


def come_back(client: Client, device: Authenticator, **options: Any) -> Any:
    """Enter with a passkey."""
    asked = post(client, "/p/passkey/ask").json()
    return post(client, "/p/passkey/enter", device.sign(asked, **options))
