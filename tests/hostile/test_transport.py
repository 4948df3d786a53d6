"""Bodies that do not end, do not come, lie or are no bodies, against the real web server."""

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories.studies import make_dicom
from tests.hostile.running import Running, Site
from tests.hostile.wire import Reply, Sender, pour, store_raw
from tests.pacs.dicomweb.requests import BOUNDARY, CONTENT_TYPE, stow_body

pytestmark = pytest.mark.xdist_group("transport")

CHUNKED = "Transfer-Encoding: chunked"
PART = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
BODY = stow_body(make_dicom("transport", 1))
BLOCK = bytes(65_536)


@pytest.fixture(scope="module")
def running(site: Site) -> Running:
    return site(application="tests.hostile.tight:application")


@pytest.fixture(autouse=True)
def _unharmed(running: Running) -> Iterator[None]:
    yield
    assert is_well(running)
    assert running.studies() == []


def is_well(running: Running) -> bool:
    with running.client() as client:
        return client.get("/healthz").is_success


def test_an_endless_chunked_body_is_refused_at_the_limit(running: Running) -> None:
    with Sender(running.portal, running.token, CHUNKED) as sender:
        reply = pour(sender, itertools.chain([PART + make_dicom("transport", 1)], itertools.repeat(BLOCK)))

    assert reply.status in {413, 0}


def test_an_endless_body_without_its_boundary_is_refused_at_once(running: Running) -> None:
    with Sender(running.portal, running.token, CHUNKED) as sender:
        reply = pour(sender, itertools.repeat(BLOCK, 30))

    assert reply.status == 400
    assert "boundary" in reply.text


def test_an_endless_header_of_a_part_is_refused(running: Running) -> None:
    with Sender(running.portal, running.token, CHUNKED) as sender:
        reply = pour(sender, [f"--{BOUNDARY}\r\nX-Long: ".encode(), *itertools.repeat(b"a" * 65_536, 30)])

    assert reply.status == 400


def test_a_length_beyond_the_limit_is_refused_before_the_body(running: Running) -> None:
    with Sender(running.portal, running.token, f"Content-Length: {1 << 40}") as sender:
        reply = sender.reply()

    assert reply.status == 413
    assert "too-large" in reply.text


@pytest.mark.parametrize("framing", [CHUNKED, f"Content-Length: {len(BODY)}"])
def test_a_body_that_stops_coming_is_given_up(running: Running, framing: str) -> None:
    with Sender(running.portal, running.token, framing) as sender:
        sender.send(b"10\r\n" if framing == CHUNKED else b"")
        sender.send(BODY[:16])
        reply = sender.reply()

    assert reply.status in {400, 408}
    assert "slow-body" in reply.text


def test_a_body_that_trickles_is_given_up(running: Running) -> None:
    with Sender(running.portal, running.token, f"Content-Length: {len(BODY)}") as sender:
        for number in range(30):
            sender.send(BODY[number : number + 1])
            time.sleep(0.1)
        reply = sender.reply()

    assert reply.status in {400, 408}
    assert "slow-body" in reply.text


def test_many_slow_senders_do_not_take_the_portal_away_for_long(running: Running) -> None:
    with ThreadPoolExecutor(40) as pool:
        replies = list(pool.map(lambda _: _silent(running), range(40)))

    assert {reply.status for reply in replies} <= {400, 408, 0}
    assert is_well(running)


def _silent(running: Running) -> Reply:
    with Sender(running.portal, running.token, f"Content-Length: {len(BODY)}") as sender:
        return sender.reply()


def test_a_length_that_promises_more_than_comes_is_refused(running: Running) -> None:
    reply = store_raw(running.portal, running.token, BODY, f"Content-Length: {len(BODY) + 1000}")

    assert "slow-body" in reply.text


def test_a_sender_who_hangs_up_stores_nothing(running: Running) -> None:
    with Sender(running.portal, running.token, f"Content-Length: {len(BODY)}") as sender:
        sender.send(BODY[:-1])
        sender.hang_up()


def test_a_length_that_promises_less_than_comes_is_refused(running: Running) -> None:
    reply = store_raw(running.portal, running.token, BODY, f"Content-Length: {len(BODY) // 2}")

    assert reply.status == 400


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "99999999999999999999999999", "10, 20", ""])
def test_a_length_that_is_no_number_is_refused(running: Running, length: str) -> None:
    reply = store_raw(running.portal, running.token, BODY, f"Content-Length: {length}")

    assert reply.status in {400, 411, 413}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
def test_a_compressed_body_is_refused(running: Running, coding: str) -> None:
    reply = store_raw(running.portal, running.token, BODY, f"Content-Encoding: {coding}")

    assert reply.status == 415


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ('multipart/related; type="application/dicom"', 400),
        ('multipart/related; type="application/dicom"; boundary=', 400),
        ('multipart/related; type="application/dicom"; boundary=""', 400),
        (f'multipart/related; type="application/dicom"; boundary={"a" * 71}', 400),
        ('multipart/related; type="application/dicom"; boundary=another', 400),
        ('multipart/related; type="application/dicom"; boundary="a\x01b"', 400),
        ("multipart/related; type=\"application/dicom\"; boundary*=utf-8''%ff", 400),
        (f"multipart/form-data; boundary={BOUNDARY}", 415),
        ("application/dicom", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_a_body_without_a_boundary_of_its_own_is_refused(running: Running, content_type: str, status: int) -> None:
    assert store_raw(running.portal, running.token, BODY, content_type=content_type).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        f"--{BOUNDARY}".encode(),
        f"--{BOUNDARY}--\r\n".encode(),
        PART,
        BODY[:-4],
        BODY.replace(b"Content-Type", b"Content Type"),
        PART.replace(b"\r\n", b"\n") + b"x",
        f"--{BOUNDARY}garbage\r\n\r\n".encode(),
    ],
)
def test_a_body_of_broken_parts_is_refused(running: Running, body: bytes) -> None:
    assert store_raw(running.portal, running.token, body).status == 400


def test_a_body_with_too_many_parts_is_refused(running: Running) -> None:
    body = (PART + b"x\r\n") * 20_001 + f"--{BOUNDARY}--\r\n".encode()

    # Each part is looked at and staged until there is one too many.
    assert store_raw(running.portal, running.token, body, patience_s=180).status == 413


def test_a_body_for_which_nobody_vouches_is_refused_unread(running: Running) -> None:
    assert (
        store_raw(running.portal, "dpt_x", BODY, f"Content-Length: {1 << 40}", content_type=CONTENT_TYPE).status == 401
    )
