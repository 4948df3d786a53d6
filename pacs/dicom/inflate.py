"""Deflated data sets, inflated in bounded steps (PS3.5 A.5)."""

import zlib
from collections.abc import Iterator

from pacs.dicom.errors import LimitExceededError, MalformedError, TruncatedError

_BLOCK = 1 << 18

# A byte of padding is allowed; some writers leave checksum and size as gzip does.
_TRAILER = 8


class Inflater:
    """Inflate a stream pushed in chunks, never holding more than one block of its output.

    Parameters
    ----------
    limit
        Bytes of output: a few megabytes can hold gigabytes of zeros.
    """

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._left = limit
        self._trailing = b""
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)

    def feed(self, chunk: memoryview) -> Iterator[bytes]:
        """Yield the output of a chunk in blocks of at most 256 KiB.

        Raises
        ------
        MalformedError
            If this is no deflate stream, or anything but zero padding follows it.
        LimitExceededError
            If the output exceeds the limit.
        """
        if self._stream.eof:
            self._check_trailing(bytes(chunk))
            return
        data: bytes | memoryview = chunk
        while len(data) and not self._stream.eof:
            block = self._decompress(data)
            self._left -= len(block)
            if self._left < 0:
                raise LimitExceededError(f"the deflated data set exceeds {self._limit} bytes")
            if block:
                yield block
            data = self._stream.unconsumed_tail
        self._check_trailing(self._stream.unused_data)

    def _check_trailing(self, data: bytes) -> None:
        self._trailing = (self._trailing + data)[: _TRAILER + 1]
        if len(self._trailing) > _TRAILER:
            raise MalformedError("data follows the deflated data set")

    def _decompress(self, data: bytes | memoryview) -> bytes:
        try:
            return self._stream.decompress(data, _BLOCK)
        except zlib.error as error:
            raise MalformedError("the deflated data set is damaged") from error

    def finish(self, size: int) -> None:
        """Check that the stream came to its end.

        Raises
        ------
        TruncatedError
            If it did not.
        """
        if not self._stream.eof:
            raise TruncatedError("the deflated data set has no end", offset=size)
