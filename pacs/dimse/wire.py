"""The bytes of a connection: received into one buffer, as much at a time as is there, and sent.

Each call of the system hands the interpreter to another association and waits to get it back. The buffer holds
one P-DATA-TF of the largest size, or two of most devices: it is still in the processor's cache when it is sealed.
"""

import select
import socket
import ssl
import struct
from typing import Final

from pacs.dimse import pdu
from pacs.dimse.errors import AssociationEndedError

_SEND_BUFFER: Final = 1 << 20
_RECEIVE_BUFFER: Final = 4 << 20
# Nobody takes this long for what is sent to them.
_SEND_S: Final = 60.0
_TIMEVAL: Final = struct.Struct("@ll")


class Wire:
    """A connection, plain or TLS, whose bytes are each taken once and in order.

    To send or take raises `AssociationEndedError` when the connection has ended, or nothing moves for too long.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = memoryview(bytearray(pdu.MAX_DATA))
        self._begin = 0
        self._end = 0
        self._limit_s = 0.0
        # Without it each answer waits for the delayed acknowledgement of the one before: 40 ms.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if not isinstance(connection, ssl.SSLSocket):
            connection.settimeout(None)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(_SEND_S))

    def limit(self, timeout_s: float) -> None:
        """Wait no longer than this for the next bytes.

        The system watches the time of plain connections: Python would ask it twice, first whether it would wait.
        """
        if timeout_s == self._limit_s:
            return
        self._limit_s = timeout_s
        if isinstance(self._connection, ssl.SSLSocket):
            self._connection.settimeout(timeout_s)
        else:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(timeout_s))

    @property
    def has_bytes(self) -> bool:
        """Say whether some were received and not taken yet."""
        return self._begin < self._end

    def waits_for_input(self, timeout_s: float) -> bool:
        """Wait a while, and say whether there is something to take."""
        if self.has_bytes or (isinstance(self._connection, ssl.SSLSocket) and self._connection.pending()):
            return True
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    def take(self, size: int) -> memoryview:
        """Return the next bytes, as many as the largest P-DATA-TF has at most; valid until more are taken."""
        if self._end - self._begin < size:
            self._receive(size)
        taken = self._buffer[self._begin : self._begin + size]
        self._begin += size
        return taken

    def _receive(self, size: int) -> None:
        held = self._end - self._begin
        if self._begin + size > pdu.MAX_DATA or not held:
            self._buffer[:held] = self._buffer[self._begin : self._end]
            self._begin, self._end = 0, held
        while self._end - self._begin < size:
            try:
                received = self._connection.recv_into(self._buffer[self._end :])
            except (BlockingIOError, TimeoutError):
                raise AssociationEndedError("Nothing came for {seconds} s.", seconds=self._limit_s) from None
            except OSError as error:
                raise _failed(error) from None
            if not received:
                raise AssociationEndedError("The peer closed the connection.")
            self._end += received

    def send(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise _failed(error) from None

    def end(self, timeout_s: float) -> None:
        """Let the peer hang up first (Sta13): closing with unread bytes would make it lose our last words."""
        self.limit(timeout_s)
        try:
            self._connection.shutdown(socket.SHUT_WR)
            while self._connection.recv(4096):
                pass
        except OSError:
            return


def _failed(error: OSError) -> AssociationEndedError:
    return AssociationEndedError("The connection failed: {kind}.", kind=type(error).__name__)


def _timeval(seconds: float) -> bytes:
    return _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1e6))
