"""Any bytes give a verdict, and the same one however they arrive."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.errors import DomainError
from pacs.dicom.limits import Limits
from pacs.dicom.scan import Scanner
from tests.pacs.dicom import encoded
from tests.pacs.dicom.encoded import BIG, EXPLICIT, IMPLICIT, element, identity, image, item, native_slice, part10, text

_RICH = part10(
    text(0x00080005, "CS", "ISO 2022 IR 6\\ISO 2022 IR 87")
    + identity()
    + element(
        0x00081140, "SQ", item(text(0x00081150, "UI", "1.2") + encoded.ITEM_END, length=encoded.UNDEFINED) + item()
    )
    + element(0x00091010, "UN", item(b"") + encoded.SEQUENCE_END, length=encoded.UNDEFINED)
    + element(0x00091011, "OB", bytes(3000))
    + image()
    + element(0x7FE00010, "OW", bytes(32))
    + element(0xFFFCFFFC, "OB", bytes(8))
)
_WHOLE = (
    _RICH,
    native_slice(syntax=IMPLICIT),
    native_slice(syntax=BIG),
    native_slice(syntax=EXPLICIT)[132:],
    encoded.deflated_slice(),
    encoded.encapsulated(encoded.fragments(b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xd9", table=(0, 12)), frames=2),
    encoded.document(element(0x00420011, "OB", bytes(3000))),
)


def _verdict(data: bytes, sizes: list[int]) -> str:
    """Scan in chunks of the given sizes, the rest at once, and write down all that came out."""
    scanner = Scanner(Limits(inflated_bytes=1 << 20))
    try:
        for size in sizes:
            scanner.feed(data[:size])
            data = data[size:]
        scanner.feed(memoryview(data))
        result = scanner.finish()
    except DomainError as refusal:
        return f"{refusal.code}: {refusal}"
    frames = result.pixel and result.pixel.index.to_bytes().hex()
    return f"{json.dumps(result.head.json, allow_nan=False)} {result.head.bulk} {frames} {result.size_bytes}"


@given(st.binary(max_size=2000))
@example(b"")
@example(bytes(132))
@example(bytes(128) + b"DICM")
def test_any_bytes_give_a_verdict(data: bytes) -> None:
    assert _verdict(data, [])


@given(st.binary(max_size=400), st.sampled_from([EXPLICIT, IMPLICIT, BIG, encoded.DEFLATED, encoded.JPEG_LOSSLESS]))
def test_any_bytes_behind_file_meta_information_give_a_verdict(data: bytes, syntax: str) -> None:
    assert _verdict(part10(data, syntax=syntax), [])


@given(st.sampled_from(_WHOLE), st.integers(0), st.binary(min_size=1, max_size=8))
def test_any_overwritten_bytes_give_a_verdict(whole: bytes, place: int, patch: bytes) -> None:
    offset = place % len(whole)

    assert _verdict(whole[:offset] + patch + whole[offset + len(patch) :], [])


@given(st.sampled_from(_WHOLE), st.integers(0), st.binary(max_size=4), st.lists(st.integers(0, 200), max_size=30))
def test_chunks_do_not_change_the_verdict(whole: bytes, place: int, patch: bytes, sizes: list[int]) -> None:
    offset = place % len(whole)
    data = whole[:offset] + patch + whole[offset + len(patch) :]

    assert _verdict(data, sizes) == _verdict(data, [])


@pytest.mark.parametrize("whole", _WHOLE)
def test_single_bytes_do_not_change_the_verdict(whole: bytes) -> None:
    verdict = _verdict(whole, [])

    assert "bulkdata" in verdict
    assert _verdict(whole, [1] * len(whole)) == verdict
