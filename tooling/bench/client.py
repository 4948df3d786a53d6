"""HTTP/1.1 on a plain socket: what measures must cost less than what is measured.

`http.client` parses headers by the e-mail parser, 0.1 to 0.2 ms an answer; httpx takes several times that. Here a
request is one `sendall`, an answer is received into one reused buffer, and its chunks are joined after the clock stops.
"""

import select
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

Piece = bytes | memoryview
_RECEIVE = 1 << 20
_HEAD_END = b"\r\n\r\n"
_NO_BODY = {204, 304}


class AnswerError(RuntimeError):
    """A server broke off, or answered something else than HTTP, or more than the buffer holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    `body` points into the connection's buffer: it is valid until the next request. `first_byte_s` runs from the first
    byte sent to the first byte of the body received, `total_s` to its last.
    """

    status: int
    headers: dict[str, str]
    body: memoryview
    first_byte_s: float
    total_s: float


class Connection:
    """A kept-alive connection to a server on loopback."""

    def __init__(
        self, port: int, headers: Mapping[str, str], *, buffer: bytearray | None = None, timeout_s: float = 120
    ) -> None:
        self._buffer = buffer if buffer is not None else new_buffer(2 << 20)
        self._view = memoryview(self._buffer)
        self._port = port
        self._timeout_s = timeout_s
        self._common = _lines({"Host": f"127.0.0.1:{port}", **headers})
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def open(self) -> socket.socket:
        """Connect, where that has not happened or the server has hung up since, before the clock runs."""
        if self._socket is not None and _is_hung_up(self._socket):
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=self._timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def get(self, path: str, accept: str = "*/*", **headers: str) -> Answer:
        """GET a path."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", path, {"Accept": accept, **named})

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: Iterable[Piece] = (), length: int | None = None
    ) -> Answer:
        """Send a request whose body comes in pieces of the announced length, and receive all of the answer."""
        extra = dict(headers) if length is None else {**headers, "Content-Length": str(length)}
        head = f"{method} {path} HTTP/1.1\r\n".encode() + self._common + _lines(extra) + b"\r\n"
        link = self.open()
        started = time.perf_counter()
        link.sendall(head)
        for piece in body:
            link.sendall(piece)
        return self._receive(link, started, has_body=method != "HEAD")

    def _receive(self, link: socket.socket, started: float, *, has_body: bool) -> Answer:
        end, head_end = 0, -1
        while head_end < 0:
            end += self._more(link, end)
            head_end = self._buffer.find(_HEAD_END, 0, end)
        status, headers = _parse_head(bytes(self._view[:head_end]))
        begin = head_end + len(_HEAD_END)
        has_body = has_body and status not in _NO_BODY and headers.get("content-length") != "0"
        if begin == end and has_body:
            end += self._more(link, end)
        first_byte = time.perf_counter()
        if not has_body:
            spans = []
        elif "chunked" in headers.get("transfer-encoding", ""):
            spans = self._receive_chunks(link, begin, end)
        elif "content-length" in headers:
            spans = [self._receive_size(link, begin, end, int(headers["content-length"]))]
        else:
            spans = [self._receive_rest(link, begin, end)]
        total = time.perf_counter()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, self._joined(spans), first_byte - started, total - started)

    def _receive_size(self, link: socket.socket, begin: int, end: int, size: int) -> tuple[int, int]:
        while end < begin + size:
            end += self._more(link, end)
        return begin, begin + size

    def _receive_rest(self, link: socket.socket, begin: int, end: int) -> tuple[int, int]:
        """Receive until the server closes, which is how an answer of unknown size may end (RFC 9112 6.3)."""
        while count := link.recv_into(self._room(end)):
            end += count
        self.close()
        return begin, end

    def _receive_chunks(self, link: socket.socket, begin: int, end: int) -> list[tuple[int, int]]:
        """Receive up to the last chunk (RFC 9112 7.1); return where in the buffer the content lies."""
        spans: list[tuple[int, int]] = []
        position = begin
        while True:
            while (line_end := self._buffer.find(b"\r\n", position, end)) < 0:
                end += self._more(link, end)
            size = int(bytes(self._view[position:line_end]).partition(b";")[0], 16)
            position = line_end + 2 + size + 2
            while end < position:
                end += self._more(link, end)
            if not size:
                return spans
            spans.append((line_end + 2, line_end + 2 + size))

    def _joined(self, spans: list[tuple[int, int]]) -> memoryview:
        if not spans:
            return self._view[:0]
        begin, end = spans[0]
        for start, stop in spans[1:]:
            self._view[end : end + stop - start] = self._view[start:stop]
            end += stop - start
        return self._view[begin:end]

    def _more(self, link: socket.socket, end: int) -> int:
        count = link.recv_into(self._room(end))
        if not count:
            self.close()
            raise AnswerError(f"the server closed the connection after {end} bytes of its answer")
        return count

    def _room(self, end: int) -> memoryview:
        if end >= len(self._view):
            raise AnswerError(f"an answer is larger than {len(self._view)} bytes")
        return self._view[end : end + _RECEIVE]


def new_buffer(size: int) -> bytearray:
    """Return a buffer whose pages were all touched, so that none is while the clock runs."""
    return bytearray(b"\1") * size


def _is_hung_up(link: socket.socket) -> bool:
    """Between requests a server has nothing to say but that it closes."""
    return bool(select.select([link], [], [], 0)[0])


def _lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if not version.startswith("HTTP/1."):
        raise AnswerError(f"not an answer of HTTP/1: {first[:40]!r}")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return int(rest[:3]), headers
