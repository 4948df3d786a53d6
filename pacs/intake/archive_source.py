"""Files inside a ZIP, bounded as SECURITY-DESIGN part 8 asks: names are ignored, sizes counted as they are inflated."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from common.errors import InvalidInputError, TooLargeError

MAX_ENTRIES = 20_000
MAX_BYTES = 4 * 1024**3
MAX_RATIO = 200
BLOCK = 1024 * 1024


class BadArchiveError(InvalidInputError):
    code = "bad-archive"
    title = "This ZIP cannot be read."


class ArchiveTooLargeError(TooLargeError):
    code = "archive-too-large"
    title = "This ZIP holds more than the portal unpacks: pack fewer files, or send the folder itself."


def looks_like_zip(begin: bytes) -> bool:
    """Say whether a file begins as a ZIP does (APPNOTE 4.3.7, 4.3.16)."""
    return begin.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def iterate_zip(file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file of a ZIP as its position and blocks; links, folders and nested archives are passed over."""
    with _refusals(), zipfile.ZipFile(file) as archive:
        entries = [entry for entry in archive.infolist() if _is_file(entry)]
        if len(entries) > MAX_ENTRIES:
            raise ArchiveTooLargeError("The ZIP has more than {n} entries.", n=MAX_ENTRIES)
        budget = _Budget(compressed=max(file.seek(0, os.SEEK_END), 1))
        for number, entry in enumerate(entries, start=1):
            yield f"entry {number}", _inflate(archive, entry, budget)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the library says of a bad archive into a refusal; the blocks of its files are read outside of it."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadArchiveError("The ZIP is damaged or encrypted.") from error


def _is_file(entry: zipfile.ZipInfo) -> bool:
    is_link = entry.external_attr >> 16 & 0o170000 == 0o120000
    base = entry.filename.replace("\\", "/").rsplit("/", 1)[-1]
    return not entry.is_dir() and not is_link and base != "DICOMDIR"


class _Budget:
    """Counts real inflated bytes: what a header claims is not believed."""

    def __init__(self, *, compressed: int) -> None:
        self.limit = min(MAX_BYTES, compressed * MAX_RATIO)
        self.used = 0

    def spend(self, count: int) -> None:
        self.used += count
        if self.used > self.limit:
            raise ArchiveTooLargeError("Its content is larger than {limit} bytes.", limit=self.limit)


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    with _refusals(), archive.open(entry) as file:
        while block := file.read(BLOCK):
            budget.spend(len(block))
            yield block
