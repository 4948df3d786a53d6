"""Requests to addresses that somebody of a tenant typed (SECURITY-DESIGN part 8).

The name is resolved once, every address that it has must be a public one, and the connection goes to the address that
was looked at. Redirections are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, urlsplit

from common.errors import InvalidInputError, UnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SCHEMES = frozenset({"https"})
_TIMEOUT_S: Final = 10.0
# Of everything: one that sends a letter now and then would else hold whoever waits for as long as it likes.
_WHOLE_S: Final = 30.0
_MAX_ANSWER: Final = 64 * 1024
_SUCCESS: Final = range(200, 300)


class AddressRefusedError(InvalidInputError):
    code = "address-refused"
    title = "The portal sends nothing to this address."


class NotDeliveredError(UnavailableError):
    code = "not-delivered"
    title = "The other side did not take what was sent."


def require_allowed(url: str) -> SplitResult:
    """Return the parts of an address, or raise: https, a name, no password, nothing after a `#`."""
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and url.isascii()
        if is_sound and not (parts.username or parts.password or parts.fragment):
            # Else the resolver raises what nobody expects: of an empty label, or one of more than 63 characters.
            (parts.hostname or "").encode("idna")
            return parts
    except ValueError:
        pass
    raise AddressRefusedError("An address looks like https://host/path, without a password.")


def is_public(address: Address) -> bool:
    """Say whether an address lies in the public network, also when it is an IPv4 address in the clothes of IPv6."""
    mapped = getattr(address, "ipv4_mapped", None)
    found = mapped or address
    return bool(found.is_global and not found.is_multicast)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a body, and raise unless it was taken.

    Raises
    ------
    AddressRefusedError
        If the address is not allowed, or leads into a private network.
    NotDeliveredError
        If nobody answers in time, or the answer is not 2xx.
    """
    parts = require_allowed(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(parts, port, _resolved(parts.hostname or "", port))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    over = threading.Timer(_WHOLE_S, connection.give_up)
    over.start()
    try:
        connection.request("POST", target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(_MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise NotDeliveredError("No answer: {reason}.", reason=type(error).__name__) from error
    finally:
        over.cancel()
        connection.close()
    if answer.status not in _SUCCESS:
        raise NotDeliveredError("The answer was {status}.", status=answer.status)


def _resolved(host: str, port: int) -> str:
    try:
        found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise NotDeliveredError("The name {host} is not known.", host=host) from error
    if not all(is_public(ipaddress.ip_address(str(address).partition("%")[0])) for address in found):
        raise AddressRefusedError("The name leads into a private network.")
    return str(found[0])


def _connection(parts: SplitResult, port: int, address: str) -> "_Pinned":
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _PinnedTls(host, port, address)
    return _Pinned(host, port, address)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name has become meanwhile."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=_TIMEOUT_S)
        self._address = address
        self._line: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        self.sock = self._line = socket.create_connection((self._address, self.port), timeout=_TIMEOUT_S)

    def give_up(self) -> None:
        """End the connection, from another thread: for who waits for it, the other side has hung up."""
        if self._line is not None:
            with suppress(OSError):
                # The line as such: inside TLS its end would be agreed upon first.
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)


class _PinnedTls(_Pinned):
    """The same inside TLS, whose certificate must be that of the name."""

    def connect(self) -> None:
        """Connect and greet."""
        super().connect()
        context = ssl.create_default_context()
        # It greets only once it can be given up.
        wrapped = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = self._line = wrapped
        wrapped.do_handshake()
