"""The parser of multipart/related, on pieces of every size."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError, TooLargeError, UnsupportedMediaTypeError
from pacs.dicomweb import multipart
from pacs.dicomweb.errors import MalformedBodyError
from pacs.dicomweb.multipart import Parts, boundary_of, opening_of

DICOM = "application/dicom"


def body_of(*contents: bytes, boundary: bytes = b"B", headers: bytes = b"Content-Type: application/dicom\r\n") -> bytes:
    parts = b"".join(b"--" + boundary + b"\r\n" + headers + b"\r\n" + content + b"\r\n" for content in contents)
    return parts + b"--" + boundary + b"--\r\n"


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[i : i + size] for i in range(0, len(body), size))


def read(body: bytes, size: int = 65_536, boundary: bytes = b"B") -> list[bytes]:
    return [b"".join(part.blocks) for part in Parts(pieces(body, size), boundary)]


def test_parts_come_in_order_with_their_headers() -> None:
    parts = [(part.number, part.headers, b"".join(part.blocks)) for part in Parts([body_of(b"one", b"two")], b"B")]
    expected = {"content-type": "application/dicom"}
    assert parts == [(1, expected, b"one"), (2, expected, b"two")]


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(1, 90))
def test_any_content_survives_any_cutting(contents: list[bytes], size: int) -> None:
    boundary = b"a-boundary-that-random-bytes-do-not-hit"
    assert read(body_of(*contents, boundary=boundary), size, boundary) == contents


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_give_parts_or_a_refusal(body: bytes, size: int) -> None:
    with suppress(DomainError):
        assert read(body, size)


@pytest.mark.parametrize("tail", [b"\r", b"\r\n", b"\r\n-", b"\r\n--", b"\r\n--A", b"--B", b"\n--B"])
def test_content_may_end_like_the_beginning_of_a_boundary(tail: bytes) -> None:
    assert read(body_of(b"content" + tail, b"next"), 3) == [b"content" + tail, b"next"]


def test_a_part_that_nobody_reads_is_passed_over() -> None:
    numbers = [part.number for part in Parts(pieces(body_of(b"x" * 5000, b"y"), 100), b"B")]
    assert numbers == [1, 2]


def test_blocks_are_never_larger_than_what_came() -> None:
    body = body_of(bytes(1_000_000))
    part = next(iter(Parts(pieces(body, 10_000), b"B")))
    assert max(len(block) for block in part.blocks) <= 10_000 + len(b"\r\n--B")


def test_a_preamble_and_an_epilogue_are_ignored() -> None:
    assert read(b"This is a message.\r\n" + body_of(b"one") + b"ignored", 7) == [b"one"]


def test_white_space_behind_a_boundary_is_ignored() -> None:
    assert read(b"--B \t\r\n\r\none\r\n--B--", 1) == [b"one"]


def test_a_part_may_have_no_headers() -> None:
    assert read(b"--B\r\n\r\none\r\n--B--") == [b"one"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "the boundary never came"),
        (b"--X\r\n\r\none\r\n--X--", "the boundary never came"),
        (b"x" * 40_000, "does not begin with its boundary"),
        (b"--B\r\n\r\none", "ended within part 1"),
        (b"--B\r\n\r\none\r\n--B", "ended within a boundary"),
        (b"--B\r\n\r\none\r\n--B\r\n", "ended within the headers of part 2"),
        (b"--Bx\r\n\r\none\r\n--B--", "not followed by the end of its line"),
        (b"--B\r\nno header\r\n\r\none\r\n--B--", "A header of part 1 is not one"),
        (b"--B\r\nX: " + b"y" * 20_000 + b"\r\n\r\none\r\n--B--", "headers of part 1 are too long"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, says: str) -> None:
    with pytest.raises(MalformedBodyError, match=says):
        read(body)


def test_the_number_of_parts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "MAX_PARTS", 2)
    with pytest.raises(TooLargeError):
        read(body_of(b"1", b"2", b"3"))


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ('multipart/related; type="application/dicom"; boundary=abc', b"abc"),
        ("multipart/related; type=application/dicom; boundary=abc", b"abc"),
        ('Multipart/Related; boundary="a b:c"; type="Application/DICOM"', b"a b:c"),
        ("multipart/related; boundary=----WebKit", b"----WebKit"),
    ],
)
def test_a_boundary_is_read(header: str, boundary: bytes) -> None:
    assert boundary_of(header, of=DICOM) == boundary


@pytest.mark.parametrize(
    "header",
    [
        "multipart/related; type=application/dicom",
        "multipart/related; boundary=",
        'multipart/related; boundary="a\r\nb"',
        "multipart/related; boundary=" + "x" * 71,
        'multipart/related; boundary="ends with a space "',
    ],
)
def test_a_bad_boundary_is_refused(header: str) -> None:
    with pytest.raises(MalformedBodyError):
        boundary_of(header, of=DICOM)


@pytest.mark.parametrize(
    "header",
    ["", "application/dicom", "multipart/form-data; boundary=x", "multipart/related; type=text/xml; boundary=x"],
)
def test_another_kind_of_body_is_refused(header: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        boundary_of(header, of=DICOM)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ('multipart/related; type="application/dicom+json"; boundary=b', "application/dicom+json"),
        ("multipart/related; type=Application/DICOM; boundary=b", DICOM),
        ("multipart/related; boundary=b", DICOM),
    ],
)
def test_what_the_parts_are_is_read(header: str, kind: str) -> None:
    assert opening_of(header, of=(DICOM, "application/dicom+json")) == (kind, b"b")
