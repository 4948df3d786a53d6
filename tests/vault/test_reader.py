"""Reading ranges, and everything that somebody who can write to the store may try."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ids import uuid7
from tests.vault.builders import OTHER_TENANT, make_content, make_key, reader, stage
from tests.vault.reference_floe import Reference
from vault.errors import ObjectMissingError, ObjectTamperedError
from vault.keys import DataKey
from vault.keys_of_studies import KeyHandle
from vault.objects import HEAD_SIZE, SEGMENT_SIZE
from vault.storage.file import FileStorage
from vault.writer import StagedObject

CONTENT = make_content(4 * 65_504 + 1234)
FLIPS = 300
SOAK_FLIPS = 10_000


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[FileStorage, KeyHandle, StagedObject]:
    store, key = FileStorage(tmp_path_factory.mktemp("shelf")), make_key()
    return store, key, stage(store, key, CONTENT)


def path_of(store: FileStorage, staged: StagedObject) -> Path:
    return store.root / staged.object_key


def rewrite(store: FileStorage, staged: StagedObject, change: Callable[[bytearray], object]) -> None:
    """Change the bytes in the store, as somebody with its credentials could."""
    sealed = bytearray(path_of(store, staged).read_bytes())
    change(sealed)
    path_of(store, staged).write_bytes(sealed)


def read_all(store: FileStorage, key: KeyHandle, staged: StagedObject, **changes: object) -> bytes:
    return b"".join(reader(store, key, staged, **changes).stream())


# --- ranges -----------------------------------------------------------------------------------------------------------


@given(offset=st.integers(0, len(CONTENT) + 9), length=st.integers(0, len(CONTENT) + 9))
def test_a_range_is_the_slice_of_the_content(
    shelf: tuple[FileStorage, KeyHandle, StagedObject], offset: int, length: int
) -> None:
    assert reader(*shelf).read(offset, length) == CONTENT[offset : offset + length]


@given(
    offset=st.integers(0, len(CONTENT) + 9),
    length=st.none() | st.integers(0, len(CONTENT)),
    block=st.integers(1, 300_000),
)
def test_a_streamed_range_is_the_slice_of_the_content(
    shelf: tuple[FileStorage, KeyHandle, StagedObject], offset: int, length: int | None, block: int
) -> None:
    stop = None if length is None else offset + length

    pieces = list(reader(*shelf).stream(offset, length, block))

    assert b"".join(pieces) == CONTENT[offset:stop]
    assert max(map(len, pieces), default=0) <= max(block, 65_504)


@pytest.mark.parametrize("at", [65_503, 65_504, 65_505, 131_007, 131_008, len(CONTENT) - 1])
def test_single_bytes_beside_the_edges_of_segments(shelf: tuple[FileStorage, KeyHandle, StagedObject], at: int) -> None:
    assert reader(*shelf).read(at, 1) == CONTENT[at : at + 1]


@pytest.mark.parametrize(("offset", "length"), [(-1, 5), (5, -1)])
def test_negative_ranges_are_programming_errors(
    shelf: tuple[FileStorage, KeyHandle, StagedObject], offset: int, length: int
) -> None:
    with pytest.raises(ValueError, match="not negative"):
        reader(*shelf).read(offset, length)


def test_a_range_asks_the_store_once_and_for_little_more_than_itself(
    shelf: tuple[FileStorage, KeyHandle, StagedObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, key, staged = shelf
    watched = mock.Mock(wraps=store.open)
    monkeypatch.setattr(store, "open", watched)

    reader(store, key, staged).read(65_504, 2 * 65_504)

    assert watched.mock_calls == [mock.call(staged.object_key, HEAD_SIZE + SEGMENT_SIZE, 2 * SEGMENT_SIZE)]


# --- tampering --------------------------------------------------------------------------------------------------------


def flipped_bits(size: int, count: int) -> list[int]:
    return [int(bit) for bit in np.random.default_rng(2026).choice(size * 8, count, replace=False)]


def detected_flips(tmp_path: Path, count: int) -> int:
    """Flip one bit after the other, each alone, in an object of two segments, and count the refusals."""
    store, key = FileStorage(tmp_path / "flips"), make_key()
    content = make_content(67_000)
    staged = stage(store, key, content)
    sealed = path_of(store, staged).read_bytes()
    detected = 0
    for bit in flipped_bits(len(sealed), count):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        path_of(store, staged).write_bytes(changed)
        try:
            read_all(store, key, staged, head=bytes(changed[:HEAD_SIZE]))
        except ObjectTamperedError:
            detected += 1
    return detected


def test_every_flipped_bit_is_detected(tmp_path: Path) -> None:
    assert detected_flips(tmp_path, FLIPS) == FLIPS


@pytest.mark.soak
def test_ten_thousand_flipped_bits_are_detected(tmp_path: Path) -> None:
    assert detected_flips(tmp_path, SOAK_FLIPS) == SOAK_FLIPS


@pytest.mark.parametrize("byte", range(HEAD_SIZE))
def test_every_byte_of_the_head_is_bound(store: FileStorage, key: KeyHandle, byte: int) -> None:
    staged = stage(store, key, b"content")
    head = bytearray(staged.head)
    head[byte] ^= 1

    with pytest.raises(ObjectTamperedError):
        reader(store, key, staged, head=bytes(head))


@pytest.mark.parametrize("length", range(HEAD_SIZE + 32 + 40))
def test_a_small_object_cut_at_any_length_is_refused(store: FileStorage, key: KeyHandle, length: int) -> None:
    staged = stage(store, key, make_content(40))
    rewrite(store, staged, lambda sealed: sealed.__delitem__(slice(length, None)))

    with pytest.raises(ObjectTamperedError, match="another size"):
        read_all(store, key, staged)


def test_an_object_with_more_bytes_is_refused(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, b"content")
    rewrite(store, staged, lambda sealed: sealed.append(0))

    with pytest.raises(ObjectTamperedError, match="another size"):
        read_all(store, key, staged)


def swap_first_segments(sealed: bytearray) -> None:
    first, second = (slice(HEAD_SIZE + n * SEGMENT_SIZE, HEAD_SIZE + (n + 1) * SEGMENT_SIZE) for n in (0, 1))
    sealed[first], sealed[second] = sealed[second], sealed[first]


def test_swapped_segments_are_refused(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, CONTENT)
    rewrite(store, staged, swap_first_segments)

    with pytest.raises(ObjectTamperedError, match="segment 0 is not authentic"):
        read_all(store, key, staged)


def test_a_segment_spliced_in_from_another_object_of_the_same_study_is_refused(
    store: FileStorage, key: KeyHandle
) -> None:
    staged, donor = stage(store, key, CONTENT), stage(store, key, CONTENT)
    segment = slice(HEAD_SIZE, HEAD_SIZE + SEGMENT_SIZE)
    foreign = path_of(store, donor).read_bytes()[segment]
    rewrite(store, staged, lambda sealed: sealed.__setitem__(segment, foreign))

    with pytest.raises(ObjectTamperedError, match="segment 0 is not authentic"):
        read_all(store, key, staged)


def test_a_whole_object_in_the_place_of_another_of_the_same_size_is_refused(store: FileStorage, key: KeyHandle) -> None:
    staged, donor = stage(store, key, b"one two"), stage(store, key, b"two one")
    path_of(store, staged).write_bytes(path_of(store, donor).read_bytes())

    with pytest.raises(ObjectTamperedError, match="segment 0 is not authentic"):
        read_all(store, key, staged)


def test_the_head_of_another_object_is_refused(store: FileStorage, key: KeyHandle) -> None:
    staged, donor = stage(store, key, b"content"), stage(store, key, b"content")

    with pytest.raises(ObjectTamperedError, match="the head of another one"):
        reader(store, key, staged, head=donor.head)


def test_an_object_copied_to_another_tenant_is_refused_even_with_the_right_key(
    store: FileStorage, key: KeyHandle
) -> None:
    staged = stage(store, key, b"content")

    with pytest.raises(ObjectTamperedError, match="not authentic"):
        reader(store, key, staged, tenant_id=OTHER_TENANT)


def test_the_wrong_key_is_refused(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, b"content")

    with pytest.raises(ObjectTamperedError, match="not authentic"):
        reader(store, replace(key, key=DataKey.fresh()), staged)


@pytest.mark.parametrize("field", ["key_id", "object_id"])
def test_an_object_is_bound_to_the_ids_of_its_row(store: FileStorage, key: KeyHandle, field: str) -> None:
    staged = stage(store, key, b"content")

    with pytest.raises(ObjectTamperedError, match="the head of another one"):
        reader(store, key, staged, **{field: uuid7()})


def test_a_crafted_truncation_that_ends_in_an_empty_segment_is_refused(store: FileStorage, key: KeyHandle) -> None:
    """Authentic in every segment, made with the right key: only the known size tells that half of it is missing."""
    content = make_content(2 * 65_504)
    staged = stage(store, key, content)
    reference = Reference(key.key.reveal(), staged.head[:48] + key.tenant_id.bytes, staged.head[58:90])
    crafted = staged.head + reference.seal([content[:65_504], b""], lambda number: bytes([number] * 12))
    path_of(store, staged).write_bytes(crafted)

    with pytest.raises(ObjectTamperedError, match="another size"):
        reader(store, key, staged).read(0, 65_504)


def test_a_last_segment_that_says_it_is_not_the_last_is_refused(store: FileStorage, key: KeyHandle) -> None:
    content = make_content(65_504)
    staged = stage(store, key, content)
    reference = Reference(key.key.reveal(), staged.head[:48] + key.tenant_id.bytes, staged.head[58:90])
    crafted = reference.seal_segment(content, 0, bytes(12), is_last=False)
    path_of(store, staged).write_bytes(staged.head + crafted)

    with pytest.raises(ObjectTamperedError, match="segment 0 does not end the message"):
        read_all(store, key, staged)


def test_nothing_of_a_damaged_block_is_released(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, CONTENT)
    rewrite(store, staged, lambda sealed: sealed.__setitem__(-1, sealed[-1] ^ 1))
    pieces = reader(store, key, staged).stream(block=4 * 65_504)

    assert next(pieces) == CONTENT[: 4 * 65_504]
    with pytest.raises(ObjectTamperedError, match="segment 4 is not authentic"):
        next(pieces)


def test_an_empty_object_is_verified_too(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, b"")
    rewrite(store, staged, lambda sealed: sealed.__setitem__(-1, sealed[-1] ^ 1))

    with pytest.raises(ObjectTamperedError, match="segment 0 is not authentic"):
        read_all(store, key, staged)


def test_a_lost_object_is_missing_not_tampered(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, b"content")
    store.delete([staged.object_key])

    with pytest.raises(ObjectMissingError, match="The store has no object"):
        read_all(store, key, staged)


def test_no_refusal_shows_a_key_or_a_content(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, b"Doe^Jane")
    rewrite(store, staged, lambda sealed: sealed.__setitem__(-1, sealed[-1] ^ 1))

    with pytest.raises(ObjectTamperedError) as caught:
        read_all(store, key, staged)

    assert str(caught.value) == f"Object {staged.id}: segment 0 is not authentic."
