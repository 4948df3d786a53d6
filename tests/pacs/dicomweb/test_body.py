"""The bounded reader of request bodies."""

import io
import threading
import time

import pytest

from common.errors import TooLargeError, UnsupportedMediaTypeError
from pacs.dicomweb import body
from pacs.dicomweb.body import Body, of_request
from pacs.dicomweb.errors import LengthRequiredError, MalformedBodyError, SlowBodyError


class Trickle:
    """A sender that gives one block and then nothing until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.has_stopped = threading.Event()
        self.sent = False

    def read(self, _size: int) -> bytes:
        if self.sent:
            self.has_stopped.set()
            self.let_go.wait(10)
            return b""
        self.sent = True
        return b"x"


def test_a_body_of_known_size_is_read_to_its_end_and_no_further() -> None:
    source = io.BytesIO(b"x" * 600_000 + b"next request")
    with Body(source, 600_000) as blocks:
        assert b"".join(blocks) == b"x" * 600_000
    assert source.read() == b"next request"


def test_blocks_are_bounded() -> None:
    with Body(io.BytesIO(bytes(1_000_000)), None) as blocks:
        assert max(map(len, blocks)) == body.BLOCK


def test_a_body_that_ends_too_early_is_refused() -> None:
    with Body(io.BytesIO(b"abc"), 10) as blocks, pytest.raises(MalformedBodyError, match="after 3 of 10 bytes"):
        list(blocks)


def test_an_announced_size_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLargeError):
        Body(io.BytesIO(), body.MAX_BODY_BYTES + 1)


def test_chunks_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_BODY_BYTES", 1000)
    with Body(io.BytesIO(bytes(2000)), None) as blocks, pytest.raises(TooLargeError):
        list(blocks)


def test_a_sender_that_stops_is_given_up() -> None:
    source = Trickle()
    with Body(source, 10, grace_s=0.3) as blocks:
        source.has_stopped.wait(10)
        with pytest.raises(SlowBodyError, match="1 bytes"):
            list(blocks)
    source.let_go.set()


def test_leaving_early_ends_the_reader() -> None:
    before = threading.active_count()
    with Body(io.BytesIO(bytes(20 * body.BLOCK)), None) as blocks:
        next(iter(blocks))
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_compressed_body_is_refused() -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        of_request({"HTTP_CONTENT_ENCODING": "gzip", "CONTENT_LENGTH": "3", "wsgi.input": io.BytesIO()})


@pytest.mark.parametrize("length", ["", "-1", "abc", "１"])
def test_a_body_without_an_end_is_refused(length: str) -> None:
    with pytest.raises(LengthRequiredError):
        of_request({"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO()})


def test_chunks_are_read_to_their_end() -> None:
    environ = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(b"whole"),
    }
    with of_request(environ) as blocks:
        assert b"".join(blocks) == b"whole"
