"""The frame index: from a frame number to bytes, and back from a row of the database."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacs.dicom.errors import FrameNotFoundError
from pacs.dicom.frames import FrameIndex, FrameIndexError

SPANNING = FrameIndex(100, 2, 0, array("I", [10, 20, 30]), array("I", [0, 2]))


def test_native_frames_are_computed() -> None:
    index = FrameIndex(1000, 3, 4096)

    assert [index.segments(number) for number in (1, 2, 3)] == [[(1000, 512)], [(1512, 512)], [(2024, 512)]]


def test_frames_of_single_bits_share_bytes() -> None:
    index = FrameIndex(0, 3, 9)

    assert [index.segments(number) for number in (1, 2, 3)] == [[(0, 2)], [(1, 2)], [(2, 2)]]
    assert [index.first_bit(number) for number in (1, 2, 3)] == [0, 1, 2]


def test_each_fragment_can_be_a_frame() -> None:
    index = FrameIndex(100, 2, 0, array("I", [10, 20]))

    assert [index.segments(number) for number in (1, 2)] == [[(108, 10)], [(126, 20)]]


def test_a_frame_can_span_fragments() -> None:
    assert [SPANNING.segments(number) for number in (1, 2)] == [[(108, 10), (126, 20)], [(154, 30)]]
    assert SPANNING.is_encapsulated


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_frame_that_does_not_exist_is_not_found(number: int) -> None:
    with pytest.raises(FrameNotFoundError) as refusal:
        SPANNING.segments(number)

    assert refusal.value.status == 404


@pytest.mark.parametrize(
    ("index", "size"),
    [(FrameIndex(1 << 33, 7, 1 << 31), 25), (FrameIndex(9, 2, 0, array("I", [1, 2])), 25), (SPANNING, 37)],
)
def test_an_index_survives_storage(index: FrameIndex, size: int) -> None:
    stored = index.to_bytes()

    assert FrameIndex.from_bytes(stored) == index
    assert len(stored) == size


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50))
def test_any_index_survives_storage(offset: int, lengths: list[int]) -> None:
    index = FrameIndex(offset, len(lengths), 0, array("I", lengths))

    assert FrameIndex.from_bytes(index.to_bytes()) == index


@given(st.binary(max_size=64))
def test_any_bytes_are_an_index_or_refused(data: bytes) -> None:
    try:
        index = FrameIndex.from_bytes(data)
    except FrameIndexError:
        return
    assert index.to_bytes() == data


def test_a_cut_index_is_refused() -> None:
    with pytest.raises(FrameIndexError):
        FrameIndex.from_bytes(SPANNING.to_bytes()[:-1])
