"""multipart/related as it is sent (RFC 2046 5.1, PS3.18 8.6.1.2): streams of known size."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

CRLF = b"\r\n"


@runtime_checkable
class Joinable(Protocol):
    """Content that puts what stands around it into its own blocks, where joining them would copy it once more."""

    def between(self, head: bytes, tail: bytes) -> Iterator[bytes]:
        """Yield the content behind `head` and before `tail`."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingPart:
    """One part: its headers and its content.

    Attributes
    ----------
    size
        Bytes of the content; the answer's Content-Length tells a client that nothing is missing.
    blocks
        The content, iterated once when its turn comes.
    """

    content_type: str
    size: int
    blocks: Iterable[bytes]
    location: str = ""

    def head(self, boundary: bytes) -> bytes:
        """Return delimiter and headers."""
        lines = [b"--" + boundary, b"Content-Type: " + self.content_type.encode("ascii")]
        if self.location:
            lines.append(b"Content-Location: " + self.location.encode("ascii"))
        return CRLF.join([*lines, CRLF])


def new_boundary() -> bytes:
    """Return a delimiter that occurs in no image: 128 random bits."""
    return secrets.token_hex(16).encode("ascii")


def content_type_of(part_type: str, boundary: bytes, transfer_syntax: str = "") -> str:
    """Return the Content-Type of an answer in parts (RFC 2387 3.1: the type of the parts in quotes)."""
    syntax = f"; transfer-syntax={transfer_syntax}" if transfer_syntax else ""
    return f'multipart/related; type="{part_type}"{syntax}; boundary={boundary.decode("ascii")}'


def size_of(parts: Iterable[OutgoingPart], boundary: bytes) -> int:
    """Return the size of the whole body in bytes."""
    return sum(len(part.head(boundary)) + part.size + len(CRLF) for part in parts) + len(_end(boundary))


def write(parts: Sequence[OutgoingPart], boundary: bytes) -> Iterator[bytes]:
    """Yield the body: what stands around a part goes out with it, in as few pieces as it has blocks itself."""
    for number, part in enumerate(parts, start=1):
        head, tail = part.head(boundary), CRLF if number < len(parts) else CRLF + _end(boundary)
        if isinstance(part.blocks, Joinable):
            yield from part.blocks.between(head, tail)
            continue
        yield from around(part.blocks, head, tail)


def write_one_by_one(parts: Iterable[OutgoingPart], boundary: bytes) -> Iterator[bytes]:
    """Yield the body of parts that are made when their turn comes."""
    for part in parts:
        yield from around(part.blocks, part.head(boundary), CRLF)
    yield _end(boundary)


def around(blocks: Iterable[bytes], head: bytes, tail: bytes) -> Iterator[bytes]:
    """Yield blocks behind `head` and before `tail`; nothing goes out before the first of them could be made."""
    for block in blocks:
        yield head + block if head else block
        head = b""
    if head or tail:
        yield head + tail


def _end(boundary: bytes) -> bytes:
    return b"--" + boundary + b"--" + CRLF
