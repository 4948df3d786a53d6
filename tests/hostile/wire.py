"""Requests as no library would send them, byte by byte over a socket."""

import contextlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.factories.portal import Portal
from tests.pacs.dicomweb.requests import CONTENT_TYPE


@dataclass(frozen=True)
class Reply:
    """The first answer on a connection, or nothing when it was cut."""

    status: int
    text: str


class Sender:
    """One connection that stores, however it likes."""

    def __init__(
        self, portal: Portal, token: str, *headers: str, content_type: str = CONTENT_TYPE, patience_s: float = 30
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", portal.port), timeout=patience_s)
        lines = [
            "POST /dicom-web/studies HTTP/1.1",
            f"Host: 127.0.0.1:{portal.port}",
            f"Authorization: Bearer {token}",
            f"Content-Type: {content_type}",
            *headers,
        ]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> bool:
        """Send bytes; tell whether the other side still took them."""
        try:
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def send_chunk(self, data: bytes) -> bool:
        """Send bytes as one chunk (RFC 9112 7.1)."""
        return self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def hang_up(self) -> None:
        """End the connection in the middle of whatever was being sent."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def reply(self) -> Reply:
        """Read until the other side has said everything, or the connection ends."""
        data = b""
        with contextlib.suppress(OSError):
            while not _is_complete(data) and (block := self._socket.recv(65_536)):
                data += block
        status = int(data[9:12]) if data.startswith(b"HTTP/1.1 ") else 0
        return Reply(status, data.decode("latin-1"))


def _is_complete(data: bytes) -> bool:
    head, found, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(found and lengths) and len(body) >= int(lengths[0])


def store_raw(
    portal: Portal,
    token: str,
    body: bytes,
    *headers: str,
    content_type: str = CONTENT_TYPE,
    patience_s: float = 30,
) -> Reply:
    """Send one body with its true length unless a header says otherwise, then listen."""
    given = headers if any(header.lower().startswith("content-length") for header in headers) else None
    lines = given or (*headers, f"Content-Length: {len(body)}")
    with Sender(portal, token, *lines, content_type=content_type, patience_s=patience_s) as sender:
        sender.send(body)
        return sender.reply()


def pour(sender: Sender, chunks: Iterable[bytes]) -> Reply:
    """Send chunks until they end or nobody takes them any more, then listen."""
    for chunk in chunks:
        if not sender.send_chunk(chunk):
            break
    return sender.reply()
