"""Nothing goes out to where it must not."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from common import outgoing
from common.outgoing import AddressRefusedError, NotDeliveredError


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https:///path",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://[broken/",
        "https://ex\u00e4mple.org/",
        "https://example..org/",
        "https://.example.org/",
        f"https://{'a' * 64}.org/",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        outgoing.require_allowed(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
    ],
)
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_outer_address_is_public(address: str) -> None:
    assert outgoing.is_public(ipaddress.ip_address(address))


def test_a_name_of_which_one_address_is_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefusedError, match="private network"):
        outgoing.post("https://example.org/", b"", {})


def test_a_name_that_nobody_knows_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotDeliveredError, match=r"The name example\.org is not known"):
        outgoing.post("https://example.org/", b"", {})


@pytest.fixture
def dripping(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a server that takes what is sent, but says so letter by letter; return its address."""
    monkeypatch.setattr(outgoing, "_SCHEMES", {"http"})
    monkeypatch.setattr(outgoing, "is_public", lambda _: True)

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
                time.sleep(0.05)
                connection.sendall(bytes([letter]))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


def test_a_server_that_answers_letter_by_letter_is_left(monkeypatch: pytest.MonkeyPatch, dripping: str) -> None:
    """Who waits for the next letter only, waits for ever, and whatever comes after him."""
    monkeypatch.setattr(outgoing, "_WHOLE_S", 0.5, raising=False)
    with pytest.raises(NotDeliveredError):
        outgoing.post(dripping, b"", {})
