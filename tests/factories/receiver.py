"""Somebody elsewhere who is sent webhooks."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import orjson
import pytest

from audit import services as audit
from common import outgoing


@dataclass(frozen=True)
class Message:
    headers: dict[str, str]
    content: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_by(self, tenant_id: UUID) -> bool:
        """Say whether it was signed with the key of a tenant (Standard Webhooks, asymmetric)."""
        version, _, signature = self.headers["webhook-signature"].partition(",")
        message = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.content
        key = audit.signer_of(tenant_id=tenant_id).public_key
        return version == "v1a" and audit.verifies(
            public_key=key, message=message, signature=base64.b64decode(signature)
        )


class Receiver(HTTPServer):
    """Takes what is posted; `status` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.taken: list[Message] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?a=1"

    @property
    def bodies(self) -> list[Any]:
        """All that was posted, read as JSON."""
        return [orjson.loads(message.content) for message in self.taken]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.taken.append(Message(headers, body))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Run a receiver on loopback, which is not a public address, and has no certificate."""
    monkeypatch.setattr(outgoing, "_SCHEMES", {"http"})
    monkeypatch.setattr(outgoing, "is_public", lambda _: True)
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
