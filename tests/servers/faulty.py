"""A proxy before an S3 store that fails as networks and stores do, in an order that a seed decides."""

import contextlib
import random
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

_BLOCK = 16_384
_SLOW_S = 0.02
_HEAD_END = b"\r\n\r\n"
_BUSY = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: 70\r\nConnection: close\r\n\r\n"
    b"<Error><Code>SlowDown</Code><Message>Come back later</Message></Error>"
)


class Fault(StrEnum):
    """What happens to one request."""

    BUSY = "503"
    SLOW = "every block takes its time"
    CUT_REQUEST = "the line breaks while the body is sent"
    CUT_ANSWER = "the line breaks while the answer comes"
    LOST_ANSWER = "the store does it, and nobody hears of it"


class Fate:
    """Decides which requests of one method fail, and how: by their number alone, whoever sends them."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._deck: list[Fault] = []

    def draw(self, share: float, kinds: tuple[Fault, ...]) -> Fault | None:
        """Return the fault of the next request; each kind comes once before one comes again."""
        if self._random.random() >= share:
            return None
        if not self._deck or self._deck[-1] not in kinds:
            self._deck = self._random.sample(kinds, len(kinds))
        return self._deck.pop()


@dataclass
class Proxy:
    """Passes every request on to the store, or fails; each connection carries one request."""

    store: tuple[str, int]
    seed: int
    share: float = 0.0
    kinds: tuple[Fault, ...] = tuple(Fault)
    happened: defaultdict[str, set[Fault]] = field(default_factory=lambda: defaultdict(set))
    _due: list[Fault] = field(default_factory=list)
    _fates: dict[str, Fate] = field(default_factory=dict)
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=256))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def endpoint(self) -> str:
        """Where the portal believes the store to be."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def fail(self, share: float, *kinds: Fault) -> None:
        """Let a share of the coming requests fail, in all ways or in some."""
        with self._lock:
            self.share, self.kinds = share, kinds or tuple(Fault)
            self.happened.clear()
            self._fates.clear()

    def fail_once(self, fault: Fault) -> None:
        """Let the next request fail in one way."""
        self._due.append(fault)

    def heal(self) -> None:
        """Let every request pass."""
        self.share = 0.0

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _draw(self, method: str) -> Fault | None:
        with self._lock:
            if self._due:
                return self._due.pop()
            fate = self._fates.setdefault(method, Fate(f"{self.seed} {method}"))
            fault = fate.draw(self.share, self.kinds)
            if fault is not None:
                self.happened[method].add(fault)
            return fault

    def _handle(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(30)
            head, begun = _read_head(client)
            fault = self._draw(head.partition(b" ")[0].decode()) if head else Fault.BUSY
            if fault is Fault.BUSY:
                client.sendall(_BUSY)
                return
            with socket.create_connection(self.store, timeout=30) as store:
                # One request a connection, so that the end of the answer is the end of the line.
                store.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                if begun and fault is Fault.CUT_REQUEST:
                    store.sendall(begun[: len(begun) // 2])
                    return
                store.sendall(begun)
                threading.Thread(target=_pump, args=(client, store, fault, Fault.CUT_REQUEST), daemon=True).start()
                _pump(store, client, fault, Fault.CUT_ANSWER)


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while _HEAD_END not in data:
        block = client.recv(_BLOCK)
        if not block:
            return b"", b""
        data += block
    head, _, begun = data.partition(_HEAD_END)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join(lines) + _HEAD_END, begun


def _pump(source: socket.socket, sink: socket.socket, fault: Fault | None, cut: Fault) -> None:
    """Carry bytes one way until they end; a cut carries half of a block and hangs up on both sides."""
    with contextlib.suppress(OSError):
        while block := source.recv(_BLOCK):
            if fault is Fault.SLOW:
                time.sleep(_SLOW_S)
            if fault is Fault.LOST_ANSWER and cut is Fault.CUT_ANSWER:
                continue
            if fault is cut:
                sink.sendall(block[: len(block) // 2])
                break
            sink.sendall(block)
    if fault is cut or cut is Fault.CUT_ANSWER:
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def faulty(store_url: str, *, seed: int) -> Iterator[Proxy]:
    """Run a proxy before a store until the block ends; at first nothing fails."""
    parts = urlsplit(store_url)
    proxy = Proxy((parts.hostname or "127.0.0.1", parts.port or 80), seed)
    server = threading.Thread(target=proxy.serve, daemon=True)
    server.start()
    try:
        yield proxy
    finally:
        proxy.close()
        server.join()
