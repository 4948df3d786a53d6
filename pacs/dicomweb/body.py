"""The body of a request as a stream of blocks, bounded in size, memory and time.

Django's own request reads nothing of a chunked body, and the server's `read` waits until a whole block is there: a
sender that trickles would hold the thread. A reader of its own therefore fetches the blocks, and whoever works on them
waits no longer than the deadline. The reader ends when the connection does.
"""

import time
from collections.abc import Iterator, Mapping
from queue import Empty, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Any, Protocol, Self

from common.errors import TooLargeError, UnsupportedMediaTypeError
from pacs.dicomweb.errors import LengthRequiredError, MalformedBodyError, SlowBodyError

BLOCK = 262_144
MAX_BODY_BYTES = 8 << 30
# A body may take half a minute, and longer for as long as it comes at least this fast.
GRACE_S = 30.0
MIN_BYTES_PER_S = 16_384
_READ_AHEAD = 4


class Source(Protocol):
    """What a server offers as `wsgi.input`."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class Body:
    """One request's body; iterate once, inside `with`.

    Parameters
    ----------
    source
        Where the bytes come from; read in a thread of its own.
    length
        The announced size in bytes; None when the server itself knows where the chunks end.
    grace_s
        What the sender may take however little comes.

    Raises
    ------
    TooLargeError
        When the body is, or becomes, larger than `MAX_BODY_BYTES`.
    MalformedBodyError
        When it ends before its announced size.
    SlowBodyError
        When it does not come in time.
    """

    def __init__(self, source: Source, length: int | None, *, grace_s: float = GRACE_S) -> None:
        if length is not None and length > MAX_BODY_BYTES:
            raise TooLargeError("A request may have {limit} bytes at most.", limit=MAX_BODY_BYTES)
        self._source = source
        self._length = length
        self._grace_s = grace_s
        self._blocks: Queue[bytes] = Queue(_READ_AHEAD)
        self._is_over = Event()
        self.received = 0

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        Thread(target=self._fetch, name="body", daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        # Makes room for the block that the reader may be waiting to hand over; then it sees that all is over.
        while not self._blocks.empty():
            self._blocks.get_nowait()

    def _fetch(self) -> None:
        left = MAX_BODY_BYTES + 1 if self._length is None else self._length
        try:
            while left and not self._is_over.is_set():
                block = self._source.read(min(BLOCK, left))
                if not block:
                    break
                left -= len(block)
                self._blocks.put(block)
        finally:
            self._blocks.put(b"")

    def __iter__(self) -> Iterator[bytes]:
        while block := self._next():
            self.received += len(block)
            if self.received > MAX_BODY_BYTES:
                raise TooLargeError("A request may have {limit} bytes at most.", limit=MAX_BODY_BYTES)
            yield block
        if self._length is not None and self.received < self._length:
            raise MalformedBodyError(
                "The body ended after {received} of {length} bytes.", received=self.received, length=self._length
            )

    def _next(self) -> bytes:
        deadline = self._started + self._grace_s + self.received / MIN_BYTES_PER_S
        try:
            return self._blocks.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise SlowBodyError("{received} bytes came so far.", received=self.received) from None


def of_request(environ: Mapping[str, Any]) -> Body:
    """Return the body of a WSGI request.

    Raises
    ------
    UnsupportedMediaTypeError
        When it is compressed: a small body must not become a large one here.
    LengthRequiredError
        When its end cannot be known.
    """
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaTypeError("Compressed request bodies are not accepted.")
    length = environ.get("CONTENT_LENGTH") or ""
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if is_chunked and environ.get("wsgi.input_terminated"):
        return Body(environ["wsgi.input"], None)
    if not (length.isascii() and length.isdigit()):
        raise LengthRequiredError()
    return Body(environ["wsgi.input"], int(length))
