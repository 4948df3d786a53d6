"""Objects as files: written under their final name, which no second object gets, and durable once they are fsynced.

Below the root lie `o/<2 hex>/<uuid>` (objects) and small files by their key, which are written beside in `tmp/`. What
a crash leaves half written has no row that names it, and goes with the orphans.
"""

import datetime as dt
import errno
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from common.disks import sync_path
from common.errors import ConflictError, StorageFullError, UnavailableError
from vault.errors import ObjectMissingError
from vault.floe import Buffer
from vault.storage import pool
from vault.storage.port import Entry

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FOLDERS = tuple(f"{number:02x}" for number in range(256))
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_CLOEXEC
# What is shorter waits for the next write: the head of an object goes out with its first segments.
_HELD_BYTES = 4096


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the errors of the operating system into those of a store."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError from error
        reason = os.strerror(error.errno) if error.errno else "no reason given"
        raise UnavailableError("The object store failed: {reason}.", reason=reason) from error


class FileSink:
    """A file that is being written.

    Its descriptor is closed once: the number belongs to another thread's file a moment later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = b""
        self._is_open = True
        with refusals():
            try:
                self._descriptor = os.open(path, _CREATE, 0o600)
            except FileExistsError:
                raise ConflictError("The store has this object already; objects are written once.") from None

    def write(self, data: Buffer) -> None:
        """Append bytes."""
        if not self._held and len(data) < _HELD_BYTES:
            self._held = bytes(data)
            return
        self._flush(data)

    def close(self) -> None:
        """End the file; durable it is after `FileStorage.sync`."""
        self._flush(b"")
        with refusals():
            self._close()

    def abort(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            self._close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self._descriptor)

    def _flush(self, data: Buffer) -> None:
        buffers, self._held = [self._held, data], b""
        with refusals():
            written = os.writev(self._descriptor, buffers)
            if written < sum(map(len, buffers)):
                rest = memoryview(b"".join(buffers))[written:]
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]


class FileSource:
    """A range of a file that is being read."""

    def __init__(self, path: Path, key: str, offset: int) -> None:
        self._offset = offset
        with refusals():
            try:
                self._descriptor = os.open(path, _READ)
            except FileNotFoundError:
                raise ObjectMissingError("The store has no object {key}.", key=key) from None
        self.object_size = os.fstat(self._descriptor).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer."""
        with refusals():
            size = os.preadv(self._descriptor, [buffer], self._offset)
        self._offset += size
        return size


class FileStorage:
    """A folder on a local or mounted disk."""

    backend = "file"

    def __init__(self, root: Path) -> None:
        self.root = root
        self._unfinished = root / "tmp"
        self._is_prepared = False
        self._was_there = False

    def create(self, key: str) -> FileSink:
        """Begin an object."""
        self._prepare()
        return FileSink(self._path(key))

    def sync(self, keys: Sequence[str]) -> None:
        """Fsync the files, then each folder once, in threads."""
        with refusals():
            pool.each(lambda key: sync_path(self._path(key)), keys)
            pool.each(sync_path, sorted({self._path(key).parent for key in keys}))

    def open(self, key: str, offset: int, length: int) -> FileSource:
        """Open a range of an object."""
        return FileSource(self._path(key), key, offset)

    def size(self, key: str) -> int | None:
        """Return the size of an object."""
        with refusals():
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects and make that durable."""
        with refusals():
            for key in keys:
                self._path(key).unlink(missing_ok=True)
            folders = {self._path(key).parent for key in keys}
            pool.each(sync_path, sorted(folder for folder in folders if folder.exists()))

    def remaining(self, keys: Sequence[str]) -> list[str]:
        """Return those that are there."""
        with refusals():
            return sorted(key for key in set(keys) if self._path(key).exists())

    def entries(self) -> Iterator[Entry]:
        """List all objects."""
        for folder in _FOLDERS:
            for path in self._files(self.root / "o" / folder):
                with suppress(FileNotFoundError):
                    status = path.stat()
                    changed = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
                    yield Entry(f"o/{folder}/{path.name}", status.st_size, changed)

    def sweep_unfinished(self, before: dt.datetime) -> int:
        """Remove old unfinished files."""
        removed = 0
        for path in self._files(self._unfinished):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    removed += 1
        return removed

    def get(self, key: str) -> bytes | None:
        """Return a small file."""
        with refusals():
            try:
                return self._path(key).read_bytes()
            except FileNotFoundError:
                return None

    def put(self, key: str, data: bytes, *, is_replacing: bool) -> bool:
        """Write a small file durably."""
        target, begun = self._path(key), self._unfinished / secrets.token_hex(16)
        with refusals():
            self._make_folder(self._unfinished)
            self._make_folder(target.parent)
        sink = FileSink(begun)
        try:
            sink.write(data)
            sink.close()
            with refusals():
                sync_path(begun)
                if is_replacing:
                    begun.replace(target)
                else:
                    self._publish(begun, target)
                sync_path(target.parent)
        except ConflictError:
            return False
        finally:
            sink.abort()
        return True

    def is_empty(self) -> bool:
        """Say whether the folder is absent or holds no file."""
        return not any(path.is_file() for path in self.root.rglob("*"))

    def probe(self) -> None:
        """Write, read and remove a small file.

        A folder that was there and is gone is not made anew: its disk is not mounted any more, and what is written in
        its place would be hidden when it comes back.
        """
        if self._was_there and not self._unfinished.is_dir():
            raise UnavailableError("The folder of the store is gone.")
        key = f"tmp/{secrets.token_hex(16)}"
        self.put(key, b"probe", is_replacing=False)
        if self.get(key) != b"probe":
            raise UnavailableError("The object store does not keep what it is given.")
        self.delete([key])
        self._was_there = True

    def _path(self, key: str) -> Path:
        return self.root / key

    @staticmethod
    def _publish(begun: Path, target: Path) -> None:
        try:
            target.hardlink_to(begun)
        except FileExistsError:
            raise ConflictError("The store has this object already; objects are written once.") from None
        begun.unlink()

    @staticmethod
    def _files(folder: Path) -> Iterator[Path]:
        with suppress(FileNotFoundError):
            yield from folder.iterdir()

    def _prepare(self) -> None:
        """Make all folders of objects at once, so that a request never waits for one."""
        if self._is_prepared:
            return
        objects = self.root / "o"
        with refusals():
            self._make_folder(self._unfinished)
            self._make_folder(objects)
            if len(list(objects.iterdir())) < len(_FOLDERS):
                for name in _FOLDERS:
                    (objects / name).mkdir(mode=0o700, exist_ok=True)
                sync_path(objects)
        self._is_prepared = self._was_there = True

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_path(folder.parent)
