"""Associations that the portal begins: to send what was asked for."""

import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from common.errors import DomainError
from pacs.dimse import pdu
from pacs.dimse.association import Association, ours
from pacs.dimse.errors import AssociationEndedError
from pacs.dimse.models import Peer
from pacs.dimse.pdu import Context

_CONNECT_S: Final = 10.0
MAX_CONTEXTS: Final = 128


class Outbound:
    """How this process speaks TLS to devices; set once by whoever starts it."""

    tls: ssl.SSLContext | None = None


def use_tls(*, certificate: Path, key: Path, authorities: Path) -> None:
    """Show this certificate to devices that are called with TLS, and trust those that the file vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authorities)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # Devices have addresses, not names: what counts is that the certificate is one of those in the file.
    context.check_hostname = False
    Outbound.tls = context


def call(
    peer: Peer,
    *,
    calling: str,
    wanted: Iterable[tuple[str, tuple[str, ...]]],
    roles: dict[str, tuple[bool, bool]] | None = None,
) -> Association:
    """Open an association to a device.

    Parameters
    ----------
    wanted
        Pairs of SOP class and transfer syntaxes, one context each; at most 128 are proposed.

    Raises
    ------
    AssociationEndedError, AssociationRefusedError
        If it does not answer, or does not want to.
    """
    contexts = tuple(
        Context(number * 2 + 1, uid, syntaxes) for number, (uid, syntaxes) in enumerate(list(wanted)[:MAX_CONTEXTS])
    )
    association = Association(_connect(peer))
    try:
        association.request(
            ours(called=peer.ae_title, calling=calling, contexts=contexts, max_length=pdu.MAX_PDU, roles=roles or {})
        )
    except BaseException:
        association.close()
        raise
    return association


def _connect(peer: Peer) -> socket.socket:
    if not peer.host:
        raise AssociationEndedError("The address of the device is not known.")
    try:
        connection = socket.create_connection((peer.host, peer.port), timeout=_CONNECT_S)
        if not peer.uses_tls:
            return connection
        if Outbound.tls is None:
            connection.close()
            raise AssociationEndedError("The device wants TLS, and this process has no certificate.")
        return Outbound.tls.wrap_socket(connection, server_hostname=peer.host)
    except OSError as error:
        raise AssociationEndedError("The device cannot be reached: {kind}.", kind=type(error).__name__) from None


def hang_up(association: Association) -> None:
    """Release, whatever the other side does meanwhile."""
    with suppress(DomainError):
        association.release()
    association.close()
