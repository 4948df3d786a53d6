"""multipart/related as it is received (RFC 2046 5.1, RFC 2387): parts as streams, in constant memory."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.http import parse_header_parameters

from common.errors import TooLargeError, UnsupportedMediaTypeError
from pacs.dicomweb.errors import MalformedBodyError

MAX_HEADER_BYTES = 16_384
MAX_PREAMBLE_BYTES = 16_384
# Small files cost half a millisecond each before the next boundary is seen: a request of too many ends within seconds.
MAX_PARTS = 5_000

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]\Z")
_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*\Z", re.DOTALL)
_PADDING = b" \t"


def boundary_of(content_type: str, *, of: str) -> bytes:
    """Read the boundary of a request whose parts may have one media type only (see `opening_of`)."""
    _, boundary = opening_of(content_type, of=(of,))
    return boundary


def opening_of(content_type: str, *, of: Sequence[str]) -> tuple[str, bytes]:
    """Read what the parts of a request are, and their boundary, from its Content-Type.

    Parameters
    ----------
    content_type
        The header's value.
    of
        The media types that the parts may have, as the parameter ``type`` names them (RFC 2387 3.1); the first where it
        does not.

    Raises
    ------
    UnsupportedMediaTypeError
        When it is not multipart/related, or of parts of another type.
    MalformedBodyError
        When the boundary is absent or not a boundary (RFC 2046 5.1.1).
    """
    try:
        media_type, parameters = parse_header_parameters(content_type)
    except ValueError:
        raise MalformedBodyError("The Content-Type cannot be read.") from None
    if media_type != "multipart/related":
        raise UnsupportedMediaTypeError("The body must be multipart/related.")
    part_type = parameters.get("type", of[0]).lower()
    if part_type not in of:
        raise UnsupportedMediaTypeError("The parts must be {of}.", of=" or ".join(of))
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.match(boundary):
        raise MalformedBodyError("The Content-Type has no valid boundary.")
    return part_type, boundary.encode("ascii")


@dataclass(slots=True)
class Part:
    """One part: its headers (names in lower case), and its content, to be iterated once before the next part."""

    number: int
    headers: dict[str, str]
    blocks: Iterator[bytes]

    @property
    def media_type(self) -> str:
        """What its header says it is, in lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self, limit: int) -> bytes:
        """Read the content as a whole.

        Raises
        ------
        TooLargeError
            When it has more bytes than `limit`.
        """
        pieces, size = [], 0
        for block in self.blocks:
            size += len(block)
            if size > limit:
                raise TooLargeError("A part that must be held may have {limit} bytes at most.", limit=limit)
            pieces.append(block)
        return b"".join(pieces)


class Parts:
    """The parts of one body.

    Parameters
    ----------
    blocks
        The body, in pieces of any size.
    boundary
        Without the leading dashes.

    Raises
    ------
    MalformedBodyError
        While iterating: when the body does not begin or end with its boundary, or a header is none.
    """

    def __init__(self, blocks: Iterable[bytes], boundary: bytes) -> None:
        self._source = iter(blocks)
        self._delimiter = b"\r\n--" + boundary
        # The first delimiter may lack the line break that is part of every other.
        self._buffer = b"\r\n"
        # Where reading goes on in the buffer: cutting it at each small part would copy it as often.
        self._at = 0

    def __iter__(self) -> Iterator[Part]:
        self._skip_preamble()
        number = 0
        while self._opens_part():
            number += 1
            if number > MAX_PARTS:
                raise TooLargeError("A request may have {limit} parts at most.", limit=MAX_PARTS)
            part = Part(number, self._headers(number), self._content(number))
            yield part
            for _ in part.blocks:
                pass
        # What follows the last delimiter is to be ignored; it is read, so that the connection can be used again.
        for _ in self._source:
            pass

    @property
    def _held(self) -> int:
        return len(self._buffer) - self._at

    def _more(self, what: str) -> None:
        block = next(self._source, b"")
        if not block:
            raise MalformedBodyError("The body ended within {what}.", what=what)
        self._buffer = self._buffer[self._at :] + block
        self._at = 0

    def _skip_preamble(self) -> None:
        while (found := self._buffer.find(self._delimiter)) < 0:
            if self._held > MAX_PREAMBLE_BYTES + len(self._delimiter):
                raise MalformedBodyError("The body does not begin with its boundary.")
            self._more("its preamble: the boundary never came")
        self._at = found + len(self._delimiter)

    def _opens_part(self) -> bool:
        """Read the rest of a delimiter's line; tell whether a part follows."""
        while self._held < 2:
            self._more("a boundary")
        if self._buffer.startswith(b"--", self._at):
            return False
        while self._buffer[self._at] in _PADDING:
            self._at += 1
            if self._held < 2:
                self._more("a boundary")
        if not self._buffer.startswith(b"\r\n", self._at):
            raise MalformedBodyError("A boundary is not followed by the end of its line.")
        return True

    def _headers(self, number: int) -> dict[str, str]:
        # The line break of the delimiter is still there: a part without headers begins with an empty line at once.
        while (end := self._buffer.find(b"\r\n\r\n", self._at)) < 0 and self._held <= MAX_HEADER_BYTES:
            self._more(f"the headers of part {number}")
        if not 0 <= end - self._at <= MAX_HEADER_BYTES:
            raise MalformedBodyError("The headers of part {number} are too long.", number=number)
        lines = self._buffer[self._at + 2 : end].split(b"\r\n") if end > self._at else []
        self._at = end + 4
        return dict(self._header(line, number) for line in lines)

    @staticmethod
    def _header(line: bytes, number: int) -> tuple[str, str]:
        match = _LINE.match(line)
        if match is None:
            raise MalformedBodyError("A header of part {number} is not one.", number=number)
        return match[1].decode("ascii").lower(), match[2].decode("latin-1")

    def _content(self, number: int) -> Iterator[bytes]:
        """Yield the bytes up to the next delimiter, which is consumed."""
        kept = len(self._delimiter) - 1
        while (found := self._buffer.find(self._delimiter, self._at)) < 0:
            safe = len(self._buffer) - kept
            if safe > self._at:
                begin, self._at = self._at, safe
                yield self._buffer[begin:safe]
            self._more(f"part {number}")
        begin, self._at = self._at, found + len(self._delimiter)
        if found > begin:
            yield self._buffer[begin:found]
