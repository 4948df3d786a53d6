"""Sealing objects while they stream in."""

import hashlib
import zlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ids import uuid7
from tests.vault.builders import make_content, make_key, reader, stage
from tests.vault.reference_floe import Reference
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.storage.file import FileStorage
from vault.writer import ObjectWriter, new_object_key

EDGES = [0, 1, 65_503, 65_504, 65_505, 131_008, 131_009, 17 * 65_504, 17 * 65_504 + 1]


@pytest.mark.parametrize("size", EDGES)
def test_an_object_reads_back_whole(store: FileStorage, key: KeyHandle, size: int) -> None:
    content = make_content(size)

    staged = stage(store, key, content)

    assert b"".join(reader(store, key, staged).stream()) == content
    assert store.size(staged.object_key) == staged.cipher_size
    assert (staged.plain_size, staged.key_id, staged.tenant_id) == (size, key.id, key.tenant_id)


def test_hashes_are_those_of_the_content(store: FileStorage, key: KeyHandle) -> None:
    content = make_content(200_000)

    staged = stage(store, key, content)

    assert (staged.sha256, staged.crc32) == (hashlib.sha256(content).digest(), zlib.crc32(content))


@given(cuts=st.lists(st.integers(0, 70_000), max_size=6))
def test_it_does_not_matter_how_the_content_is_cut(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    store, key = FileStorage(tmp_path_factory.getbasetemp() / "cuts"), make_key()
    content = make_content(sum(cuts))

    with ObjectWriter(key=key, kind=ObjectKind.DICOM, storage=store) as writer:
        for number, cut in enumerate(cuts):
            begin = sum(cuts[:number])
            writer.write(memoryview(content)[begin : begin + cut])
        staged = writer.finish()
    store.sync([staged.object_key])

    assert b"".join(reader(store, key, staged).stream()) == content
    assert staged.sha256 == hashlib.sha256(content).digest()


def test_an_object_is_byte_for_byte_what_the_reference_makes_of_it(store: FileStorage, key: KeyHandle) -> None:
    content = make_content(70_000)
    staged = stage(store, key, content, ObjectKind.METADATA)
    sealed = (store.root / staged.object_key).read_bytes()

    prefix = bytes.fromhex("44504f3101010030") + key.id.bytes + staged.id.bytes + bytes.fromhex("00020000") + bytes(4)
    reference = Reference(key.key.reveal(), prefix + key.tenant_id.bytes, sealed[58:90])
    nonces = [sealed[126:138], sealed[122 + 65_536 + 4 :][:12]]
    expected = prefix + reference.header + reference.seal([content[:65_504], content[65_504:]], nonces.__getitem__)
    assert sealed == expected
    assert staged.head == sealed[:122]


def test_what_lies_in_the_store_shows_nothing_of_the_content(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, b"Doe^Jane" * 20_000)

    assert b"Doe^Jane" not in (store.root / staged.object_key).read_bytes()


def test_an_unfinished_object_leaves_nothing(store: FileStorage, key: KeyHandle) -> None:
    with ObjectWriter(key=key, kind=ObjectKind.DICOM, storage=store) as writer:
        writer.write(make_content(200_000))

    assert list(store.entries()) == []
    assert list((store.root / "tmp").iterdir()) == []


def test_a_finished_object_survives_a_late_abort(store: FileStorage, key: KeyHandle) -> None:
    writer = ObjectWriter(key=key, kind=ObjectKind.DICOM, storage=store)
    staged = writer.finish()

    writer.abort()
    store.sync([staged.object_key])

    assert store.size(staged.object_key) == 154


def test_the_writer_counts_what_it_took(store: FileStorage, key: KeyHandle) -> None:
    with ObjectWriter(key=key, kind=ObjectKind.DICOM, storage=store) as writer:
        writer.write(b"abc")
        writer.write(bytearray(7))

        assert writer.size_bytes == 10


def test_addresses_name_nothing_and_spread_over_the_folders_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    together = [new_object_key() for _ in range(2000)]
    begin = uuid7().int
    seconds = (UUID(int=begin + (1024 * second << 80)) for second in range(300))
    monkeypatch.setattr("vault.writer.uuid7", lambda: next(seconds))
    apart = [new_object_key() for _ in range(256)]

    assert len(set(together)) == 2000
    assert len({address[:4] for address in together}) < 10
    assert sorted(address[2:4] for address in apart) == [f"{number:02x}" for number in range(256)]


def test_neither_key_nor_handle_shows_its_bytes(key: KeyHandle) -> None:
    assert "DataKey>" in repr(key)
    assert key.key.reveal().hex() not in repr(key)
    assert repr(key.key.reveal()) not in repr(key)
