"""FLOE, Fast Lightweight Online Encryption (c2sp.org/FLOE): AES-256-GCM in segments under derived keys.

Names follow the specification's functions: `start_encryption` and `start_decryption` give the state of one message,
whose `encrypt_segment` and `decrypt_segment` may be called in any order. Which segment is the last one, and that all of
them are there, is the caller's to know (`vault.objects`).
"""

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_SIZE = 32
IV_SIZE = 32
TAG_SIZE = 32
HEADER_SIZE = 10 + IV_SIZE + TAG_SIZE
NONCE_SIZE = 12
# Length word, nonce and GCM tag around the payload of each segment.
OVERHEAD = 4 + NONCE_SIZE + 16
NOT_LAST = 0xFFFFFFFF

_MESSAGE_KEY_SIZE = 48
_PARAMETERS = Struct(">BBII")
_LENGTH = Struct(">I")
_SEGMENT_AAD = Struct(">QB")
_POSITION = Struct(">Q")

Buffer: TypeAlias = bytes | bytearray | memoryview


class FloeError(Exception):
    """A ciphertext is not what its key, associated data and position say."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What FLOE leaves to its user: the size of a segment, and after how many (as a power of two) the key changes."""

    segment_size: int = 65_536
    rotation_bits: int = 20

    @property
    def payload_size(self) -> int:
        """Return the plain bytes in a full segment."""
        return self.segment_size - OVERHEAD

    @property
    def encoded(self) -> bytes:
        """Return `PARAM_ENCODE`: AES-256-GCM (0), HKDF-Expand-SHA-384 (0), sizes of a segment and of the IV."""
        return _PARAMETERS.pack(0, 0, self.segment_size, IV_SIZE)


PRODUCTION = Parameters()


class Message:
    """The state of one message: its derived keys, and the segments sealed or opened with them."""

    __slots__ = ("_aad", "_cipher", "_info", "_key", "_rotation_bits", "_segment_size")

    def __init__(self, key: bytes, iv: bytes, aad: bytes, parameters: Parameters) -> None:
        self._info = parameters.encoded + iv
        self._aad = aad
        self._segment_size = parameters.segment_size
        self._rotation_bits = parameters.rotation_bits
        self._key = self._derive(key, b"MESSAGE_KEY:", _MESSAGE_KEY_SIZE)
        self._cipher: tuple[int, AESGCM] | None = None

    def __repr__(self) -> str:
        return "<floe.Message>"

    def encrypt_segments(self, payloads: Sequence[Buffer], position: int, *, is_last: bool, into: memoryview) -> int:
        """Seal segments into a buffer, one behind the other (`encryptSegment`).

        Their nonces are one question to the system: each hands the interpreter to another thread.

        Parameters
        ----------
        payloads
            Exactly `payload_size` bytes each; at most so many in the last segment of the message.
        position
            Number of the first of them, from 0. Each is sealed once.
        is_last
            Whether the message ends with the last of them.
        into
            Where the segments go; at least `len(payload) + OVERHEAD` bytes for each.

        Returns
        -------
        int
            The size of all segments in bytes.
        """
        nonces = os.urandom(NONCE_SIZE * len(payloads))
        end = 0
        for number, payload in enumerate(payloads):
            nonce = nonces[number * NONCE_SIZE : (number + 1) * NONCE_SIZE]
            ends_message = is_last and number == len(payloads) - 1
            end += self._encrypt_segment(payload, position + number, nonce, is_last=ends_message, into=into[end:])
        return end

    def _encrypt_segment(self, payload: Buffer, position: int, nonce: bytes, *, is_last: bool, into: memoryview) -> int:
        size = len(payload) + OVERHEAD
        if size > self._segment_size or not (is_last or size == self._segment_size):
            raise ValueError(f"{len(payload)} bytes do not fit a segment of {self._segment_size}")
        _LENGTH.pack_into(into, 0, size if is_last else NOT_LAST)
        into[4:16] = nonce
        self._aead(position).encrypt_into(nonce, payload, _SEGMENT_AAD.pack(position, is_last), into[16:size])
        return size

    def decrypt_segment(self, segment: memoryview, position: int, *, is_last: bool, into: memoryview) -> int:
        """Open one segment into a buffer (`decryptSegment`).

        Parameters
        ----------
        segment
            The whole segment, nothing else.
        position
            Number of the segment, from 0.
        is_last
            Whether the message must end with it.
        into
            Where the payload goes; at least `len(segment) - OVERHEAD` bytes.

        Returns
        -------
        int
            The size of the payload in bytes.

        Raises
        ------
        FloeError
            If anything about the segment is wrong; `into` then holds nothing of the message.
        """
        size = len(segment)
        if not (OVERHEAD <= size <= self._segment_size if is_last else size == self._segment_size):
            raise FloeError(f"segment {position} has {size} bytes")
        if _LENGTH.unpack_from(segment)[0] != (size if is_last else NOT_LAST):
            raise FloeError(f"segment {position} {'does not end' if is_last else 'ends'} the message")
        aad = _SEGMENT_AAD.pack(position, is_last)
        try:
            return self._aead(position).decrypt_into(bytes(segment[4:16]), segment[16:], aad, into[: size - OVERHEAD])
        except InvalidTag:
            raise FloeError(f"segment {position} is not authentic") from None

    def _derive(self, key: bytes, purpose: bytes, size: int) -> bytes:
        return HKDFExpand(SHA384(), size, self._info + purpose + self._aad).derive(key)

    def _aead(self, position: int) -> AESGCM:
        rotation = position >> self._rotation_bits
        cached = self._cipher
        if cached is None or cached[0] != rotation:
            purpose = b"DEK:" + _POSITION.pack(rotation << self._rotation_bits)
            cached = self._cipher = rotation, AESGCM(self._derive(self._key, purpose, KEY_SIZE))
        return cached[1]


def _header_tag(key: bytes, prefix: bytes, aad: bytes) -> bytes:
    return HKDFExpand(SHA384(), TAG_SIZE, prefix + b"HEADER_TAG:" + aad).derive(key)


def start_encryption(key: bytes, aad: bytes, parameters: Parameters = PRODUCTION) -> tuple[Message, bytes]:
    """Begin a message under a fresh IV; return its state and its header (`startEncryption`)."""
    iv = os.urandom(IV_SIZE)
    prefix = parameters.encoded + iv
    return Message(key, iv, aad, parameters), prefix + _header_tag(key, prefix, aad)


def start_decryption(key: bytes, aad: bytes, header: bytes, parameters: Parameters = PRODUCTION) -> Message:
    """Return the state of a message whose header proves key and associated data (`startDecryption`).

    Raises
    ------
    FloeError
        If the header has other parameters, or its tag, which commits to the key, is not the expected one. The tags are
        compared in constant time.
    """
    prefix, tag = header[:-TAG_SIZE], header[-TAG_SIZE:]
    if len(header) != HEADER_SIZE or not prefix.startswith(parameters.encoded):
        raise FloeError("the header has other parameters")
    if not hmac.compare_digest(_header_tag(key, prefix, aad), tag):
        raise FloeError("the header belongs to another key or to other associated data")
    return Message(key, prefix[-IV_SIZE:], aad, parameters)
