"""A second, slow FLOE (c2sp.org/FLOE), written from the specification to check the first one against.

It shares nothing with `vault.floe` but the AES block cipher: GCM (NIST SP 800-38D) and HKDF-Expand (RFC 5869) are
written out, and everything is one plain byte string.
"""

import hmac
from collections.abc import Callable, Iterable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

OVERHEAD = 32
_POLYNOMIAL = 0xE1 << 120


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    block, output, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(key, block + info + bytes([counter]), "sha384")
        output += block
        counter += 1
    return output[:length]


def _multiply(x: int, y: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if y >> bit & 1:
            product ^= x
        x = x >> 1 ^ (_POLYNOMIAL if x & 1 else 0)
    return product


def _ghash(subkey: int, data: bytes) -> int:
    state = 0
    for at in range(0, len(data), 16):
        state = _multiply(state ^ int.from_bytes(data[at : at + 16], "big"), subkey)
    return state


def gcm_seal(key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
    counters = b"".join(nonce + (number + 1).to_bytes(4, "big") for number in range(1 + -(-len(plain) // 16)))
    stream = block(counters)
    sealed = bytes(a ^ b for a, b in zip(plain, stream[16:], strict=False))
    padded = aad + bytes(-len(aad) % 16) + sealed + bytes(-len(sealed) % 16)
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    tag = _ghash(int.from_bytes(block(bytes(16)), "big"), padded + lengths) ^ int.from_bytes(stream[:16], "big")
    return sealed + tag.to_bytes(16, "big")


class Reference:
    """One message under given parameters, with all randomness from outside."""

    def __init__(self, key: bytes, aad: bytes, iv: bytes, segment_size: int = 65_536, rotation_bits: int = 20) -> None:
        self.aad = aad
        self.iv = iv
        self.segment_size = segment_size
        self.rotation_bits = rotation_bits
        self.parameters = b"\x00\x00" + segment_size.to_bytes(4, "big") + len(iv).to_bytes(4, "big")
        self.header = self.parameters + iv + self._kdf(key, b"HEADER_TAG:", 32)
        self.message_key = self._kdf(key, b"MESSAGE_KEY:", 48)

    def _kdf(self, key: bytes, purpose: bytes, length: int) -> bytes:
        return hkdf_expand(key, self.parameters + self.iv + purpose + self.aad, length)

    def seal_segment(self, payload: bytes, position: int, nonce: bytes, *, is_last: bool) -> bytes:
        masked = position >> self.rotation_bits << self.rotation_bits
        key = self._kdf(self.message_key, b"DEK:" + masked.to_bytes(8, "big"), 32)
        sealed = gcm_seal(key, nonce, payload, position.to_bytes(8, "big") + bytes([is_last]))
        length = len(payload) + OVERHEAD if is_last else 0xFFFFFFFF
        return length.to_bytes(4, "big") + nonce + sealed

    def seal(self, payloads: Iterable[bytes], nonce: Callable[[int], bytes]) -> bytes:
        """Seal payloads as segments, the last of them as the last."""
        parts = list(payloads)
        return b"".join(
            self.seal_segment(part, number, nonce(number), is_last=number == len(parts) - 1)
            for number, part in enumerate(parts)
        )
