"""Encapsulated pixel data: which fragments make which frame, and what contradicts itself (PS3.5 A.4)."""

import struct

import pytest

from pacs.dicom.errors import FragmentsError, LimitExceededError, TruncatedError
from pacs.dicom.fragments import FragmentWalker
from pacs.dicom.limits import Limits
from tests.pacs.dicom.encoded import UNDEFINED, element, encapsulated, fragments, identity, image, item, part10, scan

JPEG = b"\xff\xd8\xff\xe0" + bytes(6)
REST = b"\x01\x02\x03\x04"


def _extended(*offsets: int, lengths: tuple[int, ...]) -> bytes:
    return element(0x7FE00001, "OV", struct.pack(f"<{len(offsets)}Q", *offsets)) + element(
        0x7FE00002, "OV", struct.pack(f"<{len(lengths)}Q", *lengths)
    )


def _frames(data: bytes) -> list[list[bytes]]:
    pixel = scan(data).pixel
    assert pixel is not None
    numbers = range(1, pixel.number_of_frames + 1)
    return [[data[offset : offset + size] for offset, size in pixel.index.segments(number)] for number in numbers]


def test_all_fragments_make_a_single_frame() -> None:
    assert _frames(encapsulated(fragments(JPEG, REST))) == [[JPEG, REST]]


def test_each_fragment_is_a_frame_where_numbers_agree() -> None:
    assert _frames(encapsulated(fragments(JPEG, REST), frames=2)) == [[JPEG], [REST]]


def test_the_basic_offset_table_divides_fragments() -> None:
    assert _frames(encapsulated(fragments(JPEG, REST, JPEG, table=(0, 30)), frames=2)) == [[JPEG, REST], [JPEG]]


def test_the_extended_offset_table_finds_frames() -> None:
    before = _extended(0, 18, lengths=(10, 9))

    assert _frames(encapsulated(fragments(JPEG, JPEG), frames=2, before=before)) == [[JPEG], [JPEG]]


def test_an_extended_offset_table_above_one_kibibyte_is_kept() -> None:
    frames = 200
    before = _extended(*(18 * frame for frame in range(frames)), lengths=(10,) * frames)

    assert _frames(encapsulated(fragments(*[JPEG] * frames), frames=frames, before=before)) == [[JPEG]] * frames


def test_signatures_divide_fragments_without_a_table() -> None:
    assert _frames(encapsulated(fragments(JPEG, REST, JPEG, REST, REST), frames=2)) == [
        [JPEG, REST],
        [JPEG, REST, REST],
    ]


def test_empty_fragments_are_no_frames() -> None:
    assert _frames(encapsulated(fragments(JPEG, b"", JPEG), frames=2)) == [[JPEG, b""], [JPEG]]


def test_elements_behind_fragments_are_read() -> None:
    data = encapsulated(fragments(JPEG), behind=element(0xFFFCFFFC, "OB", bytes(4)))

    assert "FFFCFFFC" in scan(data).head.json


def test_a_video_is_one_stream() -> None:
    pixels = element(0x7FE00010, "OB", fragments(JPEG, REST), length=UNDEFINED)

    pixel = scan(part10(identity() + image(frames=25) + pixels, syntax="1.2.840.10008.1.2.4.102")).pixel

    assert pixel is not None
    assert pixel.number_of_frames == 25
    assert pixel.index.number_of_frames == 1


_CONTRADICTIONS = {
    "fragments that no signature divides": encapsulated(fragments(JPEG, REST, REST), frames=2),
    "no fragment": encapsulated(fragments()),
    "only empty fragments": encapsulated(fragments(b"", b"")),
    "a table for another number of frames": encapsulated(fragments(JPEG, table=(0, 18))),
    "a table that points into a fragment": encapsulated(fragments(JPEG, JPEG, table=(0, 17)), frames=2),
    "a table that points behind the last fragment": encapsulated(fragments(JPEG, JPEG, table=(0, 36)), frames=2),
    "a table that points far behind the fragments": encapsulated(fragments(JPEG, JPEG, table=(0, 360)), frames=2),
    "a table that does not begin with the first fragment": encapsulated(fragments(JPEG, JPEG, table=(18,))),
    "a table that goes back": encapsulated(fragments(JPEG, JPEG, table=(18, 0)), frames=2),
    "a table of half an entry": encapsulated(item(b"\0\0") + item(JPEG) + b"\xfe\xff\xdd\xe0\0\0\0\0"),
    "something else than an item": encapsulated(item() + item(JPEG) + bytes(8)),
    "a delimiter in place of the table": encapsulated(b"\xfe\xff\xdd\xe0\0\0\0\0"),
    "a fragment of undefined length": encapsulated(item() + item(JPEG, length=UNDEFINED)),
    "both tables": encapsulated(fragments(JPEG, table=(0,)), before=_extended(0, lengths=(10,))),
    "an extended table for other frames": encapsulated(fragments(JPEG), before=_extended(0, 18, lengths=(10, 10))),
    "extended lengths beyond the fragment": encapsulated(fragments(JPEG), before=_extended(0, lengths=(11,))),
    "an extended table over several fragments": encapsulated(fragments(JPEG, REST), before=_extended(0, lengths=(10,))),
}


@pytest.mark.parametrize("data", _CONTRADICTIONS.values(), ids=_CONTRADICTIONS.keys())
def test_a_contradiction_is_refused(data: bytes) -> None:
    with pytest.raises(FragmentsError):
        scan(data)


def test_fragments_without_their_delimiter_are_truncated() -> None:
    with pytest.raises(TruncatedError):
        scan(encapsulated(item() + item(JPEG)))


def test_too_many_fragments_are_refused() -> None:
    walker = FragmentWalker(limits=Limits(fragments=2), position=0)

    with pytest.raises(LimitExceededError):
        walker.feed(memoryview(fragments(JPEG, JPEG, JPEG)))
