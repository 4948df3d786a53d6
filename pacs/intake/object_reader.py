"""An object of a bucket as a file: read as it streams, and sought where an archive asks for it."""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.buckets import BucketError, answers
from pacs.intake.bucket_object import BucketObject, require_answer
from pacs.intake.watched import UnreadableError


class ObjectReader(io.RawIOBase):
    """The bytes of one object: one request as long as they are read in order, another after each leap.

    Nothing of it is put on the local disk, where it would lie in clear.
    """

    def __init__(self, found: BucketObject) -> None:
        self._object = found
        self._position = 0
        self._answer: Any = None
        self._answer_position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte; the next read asks for it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._object.size_bytes}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "before the begin of the object")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer.

        Raises
        ------
        UnreadableError
            If the object was removed or replaced, or cannot be read.
        BucketError
            If the whole bucket does not answer.
        """
        view = memoryview(buffer).cast("B")
        filled = 0
        if self._position >= self._object.size_bytes:
            return filled
        with self._failures():
            answer = self._answer_here()
            while filled < len(view) and (count := answer.readinto(view[filled:])):
                filled += count
        self._position += filled
        self._answer_position = self._position
        return filled

    def _answer_here(self) -> Any:
        if self._answer is None or self._answer_position != self._position:
            self._let_go()
            self._answer = self._object.read(self._position)
        return self._answer

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Tell an object that cannot be read, which is left, from a bucket that is away, which is waited for."""
        try:
            with answers():
                yield
        except BucketError as error:
            require_answer(self._object.bucket)
            raise UnreadableError(error.reason) from error

    def _let_go(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def close(self) -> None:
        """Let the line go, also where not everything was read."""
        self._let_go()
        super().close()
