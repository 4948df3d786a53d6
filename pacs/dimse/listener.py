"""The listening socket: one thread an association, TLS before the first byte of DICOM."""

import hashlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from common import logs
from common.errors import InvalidInputError
from pacs.dimse import pdu, serving
from pacs.dimse.association import ARTIM_S, Association
from pacs.dimse.serving import Desk, Permits

log = logs.get("dimse")
DEFAULT_PORT: Final = 11112
MAX_ASSOCIATIONS: Final = 64
_BACKLOG: Final = 128
_STOP_S: Final = 8.0


class ListenTermsError(InvalidInputError):
    """How `dicom_listen` was started is not safe."""

    code = "listen-terms"
    title = "DICOM cannot be listened for like this."


def require_plain_address(host: str) -> None:
    """Raise unless an address may be listened on without TLS: loopback, or one address of a local network.

    Raises
    ------
    ListenTermsError
        For a name, for all addresses at once, and for public ones.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ListenTermsError("Without TLS name one address of this machine, as in --host 192.168.1.20.") from None
    is_local = address.is_loopback or address.is_private or address.is_link_local
    if address.is_unspecified or not is_local:
        raise ListenTermsError("Without TLS listen on loopback or on one address of a local network.")


def tls_context(*, certificate: Path, key: Path, clients: Path) -> ssl.SSLContext:
    """Return how to speak TLS (PS3.15 B.12, BCP 195): 1.2 at least, and a certificate of each client.

    Parameters
    ----------
    clients
        The authorities, or the certificates themselves, that vouch for devices.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(clients)
    except (OSError, ssl.SSLError):
        raise ListenTermsError("Certificate, key or the certificates of clients cannot be read.") from None
    context.verify_mode = ssl.CERT_REQUIRED
    # A device whose own certificate is in the file needs no authority above it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


@dataclass(slots=True)
class Listener:
    """Accepts connections until it is stopped.

    Parameters
    ----------
    tls
        None speaks plainly.
    make_desk
        Called for each association: who decides about it and serves it.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None
    make_desk: Callable[[], Desk]
    permits: Permits = field(default_factory=lambda: Permits(MAX_ASSOCIATIONS))
    _socket: socket.socket | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: "dict[threading.Thread, socket.socket]" = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> int:
        """Bind, and return the port."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self.host, self.port))
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise ListenTermsError("The address cannot be listened on: {kind}.", kind=error.strerror) from None
        listening.settimeout(0.5)
        self._socket = listening
        self.port = listening.getsockname()[1]
        return self.port

    def run(self) -> None:
        """Accept until `stop`; then let what is in hand finish, for a moment."""
        assert self._socket is not None
        log.info("dicom.listening", port=self.port)
        while not self._stop.is_set():
            try:
                connection, address = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                if not self._stop.is_set():
                    raise
                break
            self._attend(connection, str(address[0]))
        self._socket.close()
        self._end()

    def stop(self) -> None:
        """Ask `run` to end; may be called by a signal."""
        self._stop.set()

    def _attend(self, connection: socket.socket, address: str) -> None:
        if not self.permits.take():
            threading.Thread(target=_turn_away, args=(connection, self.tls), daemon=True).start()
            return
        thread = threading.Thread(target=self._serve, args=(connection, address), name="association", daemon=True)
        with self._lock:
            self._threads[thread] = connection
        thread.start()

    def _serve(self, connection: socket.socket, address: str) -> None:
        try:
            secured = self._secure(connection)
            if secured is not None:
                serving.attend(
                    Association(secured),
                    self.make_desk(),
                    address=address,
                    certificate_sha256=_fingerprint(secured),
                )
        finally:
            self.permits.give_back()
            with self._lock:
                self._threads.pop(threading.current_thread(), None)

    def _secure(self, connection: socket.socket) -> socket.socket | None:
        if self.tls is None:
            return connection
        try:
            connection.settimeout(ARTIM_S)
            with self._lock:
                # Takes the connection over: from now on there is none but this one to end.
                secured = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                self._threads[threading.current_thread()] = secured
        except OSError as error:
            log.warning("tls.refused", error_type=type(error).__name__)
            connection.close()
            return None
        try:
            secured.do_handshake()
        except OSError as error:
            log.warning("tls.refused", error_type=type(error).__name__)
            secured.close()
            return None
        return secured

    def _end(self) -> None:
        with self._lock:
            running = dict(self._threads)
        for connection in running.values():
            # Ends who only waits; who is answering can still write.
            try:
                # That of TLS itself would let an answer go on in clear.
                socket.socket.shutdown(connection, socket.SHUT_RD)
            except OSError:
                continue
        for thread in running:
            thread.join(_STOP_S / max(1, len(running)))


def _fingerprint(connection: socket.socket) -> str:
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    certificate = connection.getpeercert(binary_form=True)
    return hashlib.sha256(certificate).hexdigest() if certificate else ""


def _turn_away(connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Say that there are too many already (only where no TLS must be spoken first)."""
    if tls is not None:
        connection.close()
        return
    with Association(connection) as association:
        try:
            association.read_request()
            association.reject(pdu.TOO_MANY)
        except InvalidInputError:
            return
