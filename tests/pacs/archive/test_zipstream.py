"""Archives are read back by the standard library and by unzip."""

import io
import shutil
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacs.archive import zipstream
from pacs.archive.zipstream import Member, ZipStream

MODIFIED = datetime(2026, 10, 2, 9, 30, 12, tzinfo=UTC)


def make_member(name: str, content: bytes, block: int = 1000) -> Member:
    blocks = [content[i : i + block] for i in range(0, len(content), block)]
    return Member(name, len(content), zlib.crc32(content), blocks)


def read(stream: ZipStream) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(stream)))


def test_a_stored_archive_gives_back_every_file() -> None:
    members = [make_member("DICOM/A", b"first" * 500), make_member("DICOM/B", b""), make_member("DICOMDIR", b"last")]
    archive = read(ZipStream(members, modified=MODIFIED))
    assert archive.testzip() is None
    assert archive.namelist() == ["DICOM/A", "DICOM/B", "DICOMDIR"]
    assert archive.read("DICOM/A") == b"first" * 500
    assert archive.getinfo("DICOM/A").date_time == (2026, 10, 2, 9, 30, 12)


def test_a_stored_archive_knows_its_size_beforehand() -> None:
    stream = ZipStream([make_member("A", b"x" * 70_000), make_member("B", b"y")], modified=MODIFIED)
    assert stream.size == len(b"".join(stream))


def test_local_headers_of_stored_files_are_complete() -> None:
    content = b"some bytes"
    data = b"".join(ZipStream([make_member("A", content)], modified=MODIFIED))
    assert data[14:18] == zlib.crc32(content).to_bytes(4, "little")
    assert data[18:26] == len(content).to_bytes(4, "little") * 2


def test_a_deflated_archive_is_smaller_and_gives_back_every_file() -> None:
    members = [make_member("A", b"abcd" * 50_000), make_member("B", b"")]
    stream = ZipStream(members, modified=MODIFIED, is_deflated=True)
    data = b"".join(stream)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert stream.size is None
    assert len(data) < 20_000
    assert archive.testzip() is None
    assert archive.read("A") == b"abcd" * 50_000


def test_an_archive_without_files_is_one() -> None:
    assert read(ZipStream([], modified=MODIFIED)).namelist() == []


def test_more_files_than_sixteen_bits_count_use_zip64() -> None:
    stream = ZipStream([make_member(f"F{i}", b"") for i in range(66_000)], modified=MODIFIED)
    data = b"".join(stream)
    assert stream.size == len(data)
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 66_000


def test_sizes_and_offsets_beyond_32_bits_use_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if 32 bits ended at 1000: the same code paths as with 4 GiB, in a moment.
    monkeypatch.setattr(zipstream, "_FULL32", 1000)
    members = [make_member("A", b"a" * 5000), make_member("B", b"b" * 10)]
    stream = ZipStream(members, modified=MODIFIED)
    data = b"".join(stream)
    assert stream.size == len(data)
    assert b"PK\x06\x06" in data
    assert b"PK\x06\x07" in data


@pytest.mark.soak
def test_a_file_of_more_than_four_gigabytes_is_read_back(tmp_path: Path) -> None:
    size, block = (4 << 30) + 12_345, bytes(1 << 20)
    crc32 = 0
    for _ in range(size // len(block)):
        crc32 = zlib.crc32(block, crc32)
    crc32 = zlib.crc32(block[: size % len(block)], crc32)
    blocks = [*[block] * (size // len(block)), block[: size % len(block)]]
    stream = ZipStream([Member("BIG", size, crc32, blocks), make_member("B", b"b")], modified=MODIFIED)
    with (tmp_path / "big.zip").open("wb") as file:
        file.writelines(stream)
    archive = zipfile.ZipFile(tmp_path / "big.zip")
    assert (tmp_path / "big.zip").stat().st_size == stream.size
    assert archive.getinfo("BIG").file_size == size
    assert archive.read("B") == b"b"


def test_unzip_finds_nothing_wrong(tmp_path: Path) -> None:
    program = shutil.which("unzip")
    if program is None:
        pytest.skip("unzip is not installed")
    file = tmp_path / "a.zip"
    file.write_bytes(b"".join(ZipStream([make_member("DICOM/A", b"x" * 9999)], modified=MODIFIED, is_deflated=True)))
    result = subprocess.run([program, "-t", str(file)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@given(st.lists(st.binary(max_size=300), max_size=6), st.booleans())
def test_whatever_goes_in_comes_out(contents: list[bytes], is_deflated: bool) -> None:
    members = [make_member(f"F{i}", content, block=7) for i, content in enumerate(contents)]
    archive = read(ZipStream(members, modified=MODIFIED, is_deflated=is_deflated))
    assert [archive.read(f"F{i}") for i in range(len(contents))] == contents
