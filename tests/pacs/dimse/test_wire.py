"""Bytes of a connection: each taken once and in order, however they come."""

import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from pacs.dimse import pdu
from pacs.dimse.errors import AssociationEndedError
from pacs.dimse.wire import Wire
from tests.pacs.dimse.talking import connected


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    """Give a wire, and the peer's end of its connection."""
    with connected() as (ours, theirs):
        yield Wire(ours), theirs


def test_bytes_are_taken_in_order_however_they_come(ends: tuple[Wire, socket.socket]) -> None:
    wire, peer = ends
    chance = np.random.default_rng(7)
    sent = chance.bytes(3_000_000)
    pieces = chance.choice([1, 5, 1_400, 90_000, 400_000], size=2_000)
    sizes = iter(chance.choice([0, 1, 6, 131_072, pdu.MAX_PDU + 64], size=2_000).tolist())

    def send() -> None:
        at = 0
        for size in pieces.tolist():
            peer.sendall(sent[at : at + size])
            at += size

    sender = threading.Thread(target=send)
    sender.start()
    taken = bytearray()
    while len(taken) < len(sent):
        taken += wire.take(min(next(sizes), len(sent) - len(taken)))
    sender.join()

    assert taken == sent
    assert not wire.has_bytes


def test_what_was_received_already_is_input(ends: tuple[Wire, socket.socket]) -> None:
    wire, peer = ends
    assert not wire.waits_for_input(0)
    peer.sendall(b"ab")

    assert wire.waits_for_input(5)
    assert bytes(wire.take(1)) == b"a"
    assert wire.has_bytes
    assert wire.waits_for_input(0)
    assert bytes(wire.take(1)) == b"b"
    assert not wire.waits_for_input(0)


def test_a_peer_that_says_nothing_is_waited_for_no_longer_than_the_limit(ends: tuple[Wire, socket.socket]) -> None:
    wire, peer = ends
    wire.limit(0.05)
    peer.sendall(b"half")

    with pytest.raises(AssociationEndedError, match=r"Nothing came for 0\.05 s"):
        wire.take(8)


def test_a_peer_that_hangs_up_ends_the_association(ends: tuple[Wire, socket.socket]) -> None:
    wire, peer = ends
    peer.sendall(b"half")
    peer.close()

    with pytest.raises(AssociationEndedError, match="closed"):
        wire.take(8)
    with pytest.raises(AssociationEndedError, match="failed"):
        wire.send(bytes(32 << 20))
