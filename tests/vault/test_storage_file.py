"""The store of files: write-once, durable, honest about a full disk."""

import datetime as dt
import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from common.clock import now
from common.errors import ConflictError, StorageFullError, UnavailableError
from vault import storage
from vault.errors import ObjectMissingError
from vault.storage import file as file_store
from vault.storage import pool
from vault.storage.file import FileStorage
from vault.storage.s3 import S3Storage

KEY = "o/ab/01900000-0000-7000-8000-0000000000ab"
OTHER = "o/cd/01900000-0000-7000-8000-0000000000cd"


def write(store: FileStorage, key: str, *parts: bytes) -> None:
    sink = store.create(key)
    for part in parts:
        sink.write(part)
    sink.close()
    store.sync([key])


def read(store: FileStorage, key: str, offset: int, length: int) -> bytes:
    buffer = bytearray(length)
    with store.open(key, offset, length) as source:
        return bytes(buffer[: source.readinto(memoryview(buffer))])


def failing(number: int) -> Callable[..., Any]:
    def fail(*_args: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_an_object_lies_under_its_key_readable_by_its_owner_only(store: FileStorage) -> None:
    write(store, KEY, b"head", b"x" * 10_000)

    path = store.root / KEY
    assert path.read_bytes() == b"head" + b"x" * 10_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("parts", [[], [b""], [b"a"], [b"a", b"b", b"c"], [b"a" * 5000], [b"a", b"b" * 5000, b"c"]])
def test_small_and_large_writes_keep_their_order(store: FileStorage, parts: list[bytes]) -> None:
    write(store, KEY, *parts)

    assert (store.root / KEY).read_bytes() == b"".join(parts)


def test_an_object_that_was_only_begun_is_listed_for_the_sweep(store: FileStorage) -> None:
    sink = store.create(KEY)
    sink.write(b"x" * 10_000)

    assert [entry.key for entry in store.entries()] == [KEY]
    sink.abort()
    assert list(store.entries()) == []


def test_an_object_is_written_once(store: FileStorage) -> None:
    write(store, KEY, b"first")

    with pytest.raises(ConflictError, match="written once"):
        write(store, KEY, b"second")
    assert read(store, KEY, 0, 9) == b"first"


def test_a_range_is_read_and_the_size_of_the_whole_is_known(store: FileStorage) -> None:
    write(store, KEY, b"0123456789")

    first, second = bytearray(2), bytearray(9)
    with store.open(KEY, 2, 11) as source:
        sizes = [source.object_size, source.readinto(memoryview(first)), source.readinto(memoryview(second))]

    assert (sizes, bytes(first), bytes(second)) == ([10, 2, 6], b"23", b"456789" + bytes(3))


def test_a_missing_object_is_told(store: FileStorage) -> None:
    with pytest.raises(ObjectMissingError, match="has no object"):
        store.open(KEY, 0, 1)
    assert store.size(KEY) is None


def test_deleting_removes_finished_and_begun_objects_and_forgives_absent_ones(store: FileStorage) -> None:
    write(store, KEY, b"finished")
    store.create(OTHER).close()

    before = store.remaining([KEY, OTHER])
    store.delete([KEY, OTHER, KEY])

    assert (before, store.remaining([KEY, OTHER])) == ([KEY, OTHER], [])
    assert list((store.root / "tmp").iterdir()) == []


def test_a_listing_names_objects_with_size_and_time(store: FileStorage) -> None:
    write(store, KEY, b"12345")

    (entry,) = store.entries()

    assert (entry.key, entry.size_bytes) == (KEY, 5)
    assert abs(entry.modified_at - now()) < dt.timedelta(minutes=1)


def test_only_old_unfinished_files_are_swept(store: FileStorage) -> None:
    write(store, KEY, b"kept")
    (store.root / "tmp" / "small").write_bytes(b"left by a process that died")

    assert store.sweep_unfinished(now() - dt.timedelta(hours=1)) == 0
    assert store.sweep_unfinished(now() + dt.timedelta(hours=1)) == 1
    assert store.size(KEY) == 4


# --- durability -------------------------------------------------------------------------------------------------------


def test_files_are_fsynced_and_then_the_folder_that_names_them(
    store: FileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without its content, or a name that a power cut takes back, would be a lost image."""
    done: list[str] = []
    store.create(KEY).close()
    monkeypatch.setattr(file_store, "sync_path", lambda path: done.append(f"fsync {path.relative_to(store.root)}"))

    store.sync([KEY])

    assert done == [f"fsync {KEY}", "fsync o/ab"]


def test_each_folder_is_fsynced_once_for_many_objects(store: FileStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"o/ab/01900000-0000-7000-8000-{number:012x}" for number in range(100)]
    for key in keys:
        store.create(key).close()
    done: list[Path] = []
    monkeypatch.setattr(file_store, "sync_path", done.append)

    store.sync(keys)

    assert done.count(store.root / "o/ab") == 1
    assert len(done) == 101


def test_a_second_process_finds_what_a_killed_one_had_synced(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from vault.storage.file import FileStorage\n"
        f"store = FileStorage(Path({str(tmp_path)!r})); sink = store.create({KEY!r})\n"
        f"sink.write(b'kept'); sink.close(); store.sync([{KEY!r}]); os.kill(os.getpid(), signal.SIGKILL)"
    )

    ended = subprocess.run([sys.executable, "-c", script], check=False)

    assert ended.returncode == -9
    assert read(FileStorage(tmp_path), KEY, 0, 4) == b"kept"


# --- full disks and broken ones ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "writev", "fsync"])
def test_a_full_disk_is_told_wherever_it_shows(
    store: FileStorage, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    write(store, OTHER, b"before")
    monkeypatch.setattr(os, call, failing(number))

    with pytest.raises(StorageFullError):
        write(store, KEY, b"x" * 10_000)
    monkeypatch.undo()
    store.delete([KEY])
    write(store, KEY, b"when there is room again")
    assert store.size(KEY) == 24


def test_a_disk_that_fills_up_in_the_middle_of_a_write_is_told(
    store: FileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = store.create(KEY)
    monkeypatch.setattr(os, "writev", lambda _descriptor, _buffers: 100)
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC))

    with pytest.raises(StorageFullError):
        sink.write(b"x" * 10_000)


def test_a_short_write_is_continued(store: FileStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(range(256)) * 40
    monkeypatch.setattr(os, "writev", lambda descriptor, buffers: os.write(descriptor, b"".join(buffers)[:100]))

    write(store, KEY, b"head", content)

    assert (store.root / KEY).read_bytes() == b"head" + content


def test_a_disk_that_fails_is_unavailable_and_names_no_path(
    store: FileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, KEY, b"content")
    monkeypatch.setattr(os, "preadv", failing(errno.EIO))

    with pytest.raises(UnavailableError) as caught:
        read(store, KEY, 0, 4)

    assert str(caught.value) == "The object store failed: Input/output error."


# --- small files ------------------------------------------------------------------------------------------------------


def test_a_small_file_is_kept_once_or_replaced(store: FileStorage) -> None:
    assert store.put("a/b.kek", b"one", is_replacing=False) is True
    assert store.put("a/b.kek", b"two", is_replacing=False) is False
    assert store.get("a/b.kek") == b"one"
    assert store.put("a/b.kek", b"three", is_replacing=True) is True
    assert store.get("a/b.kek") == b"three"
    assert store.get("a/c.kek") is None
    assert list((store.root / "tmp").iterdir()) == []


def test_a_descriptor_is_closed_once(store: FileStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    # A second time it would be the descriptor of whatever another thread has opened since.
    close, refused = os.close, []

    def closing(descriptor: int) -> None:
        try:
            close(descriptor)
        except OSError:
            refused.append(descriptor)
            raise

    monkeypatch.setattr(os, "close", closing)
    store.put("signing/key.json", b"key", is_replacing=False)
    sink = store.create("o/ab/object")
    sink.write(b"data")
    sink.close()
    sink.abort()
    assert refused == []


def test_a_store_knows_that_it_is_empty(store: FileStorage) -> None:
    assert store.is_empty()
    store.put("a", b"1", is_replacing=False)
    assert not store.is_empty()


def test_a_probe_leaves_nothing_behind(store: FileStorage) -> None:
    store.probe()

    assert store.is_empty()


def test_a_probe_tells_that_the_disk_is_full(store: FileStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "writev", failing(errno.ENOSPC))

    with pytest.raises(StorageFullError):
        store.probe()


# --- addresses, threads -----------------------------------------------------------------------------------------------


def test_a_store_is_chosen_by_its_url(tmp_path: Path) -> None:
    kept = storage.from_url(f"file://{tmp_path}/a%20b")

    assert isinstance(kept, FileStorage)
    assert kept.root == tmp_path / "a b"
    assert isinstance(storage.from_url("s3://bucket/folder?endpoint=http://127.0.0.1:1"), S3Storage)


@pytest.mark.parametrize("url", ["", "file://", "file:///", "file://host/folder", "s3://", "ftp://host/folder"])
def test_an_address_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="a store is file:///folder or s3://"):
        storage.from_url(url)


def test_threads_take_every_item_once() -> None:
    seen: list[int] = []

    pool.each(seen.append, range(1000))

    assert sorted(seen) == list(range(1000))


def test_the_first_error_of_a_thread_is_raised_when_all_have_ended() -> None:
    seen: list[int] = []

    def refuse_seven(number: int) -> None:
        seen.append(number)
        if number == 7:
            raise UnavailableError("seven")

    with pytest.raises(UnavailableError, match="seven"):
        pool.each(refuse_seven, range(20))
    assert sorted(seen) == list(range(20))
