"""Requests to addresses that somebody of a tenant typed (SECURITY-DESIGN part 8).

The name is resolved once, every address that it has must be a public one, and the connection goes to the address that
was looked at. Redirections are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from common.errors import InvalidInputError, UnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SCHEMES = frozenset({"https"})
_TIMEOUT_S: Final = 10.0
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
        If nobody answers, or the answer is not 2xx.
    """
    parts = require_allowed(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(parts, port, _resolved(parts.hostname or "", port))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(_MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise NotDeliveredError("No answer: {reason}.", reason=type(error).__name__) from error
    finally:
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


def _connection(parts: SplitResult, port: int, address: str) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _PinnedTls(host, port, address)
    return _Pinned(host, port, address)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name has become meanwhile."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=_TIMEOUT_S)
        self._address = address

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        self.sock = socket.create_connection((self._address, self.port), timeout=_TIMEOUT_S)


class _PinnedTls(_Pinned):
    """The same inside TLS, whose certificate must be that of the name."""

    def connect(self) -> None:
        """Connect and greet."""
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
