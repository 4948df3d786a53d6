"""The portal's own address as a visitor meets it: protocol and certificate of its TLS."""

import datetime as dt
import socket
import ssl
import warnings
from dataclasses import dataclass
from typing import Final

from cryptography import x509

_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Peer:
    """What the server showed."""

    protocol: str
    expires_at: dt.datetime


def meet(host: str, port: int) -> Peer:
    """Shake hands with a server, trusted or not: the certificate is looked at, nothing is sent.

    Raises
    ------
    OSError
        When it does not answer or speaks no TLS.
    """
    context = ssl.create_default_context()
    # A certificate of the practice's own authority is as good a witness of its date.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=_TIMEOUT_S) as line,
        context.wrap_socket(line, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert(binary_form=True) or b""
        protocol = secure.version() or ""
    return Peer(protocol=protocol, expires_at=x509.load_der_x509_certificate(shown).not_valid_after_utc)


def takes_old_protocol(host: str, port: int) -> bool:
    """Say whether a server still agrees to TLS 1.1 or older."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings():
        # Python warns of whoever wants an old protocol; here it is wanted to be refused.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT_S) as line, context.wrap_socket(line):
            return True
    except (ssl.SSLError, ConnectionError):
        return False
