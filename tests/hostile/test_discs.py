"""Images of discs through the import: as the burning program of a practice writes them, and as nobody should."""

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import DomainError
from common.scope import tenant_scope
from pacs.intake import disc_source
from pacs.intake.disc_source import iterate_disc
from pacs.intake.watched import Looked, Watch
from pacs.intake.watched_folder import WatchedFolder
from pacs.models import Instance
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files

pytestmark = pytest.mark.req("X-19")

SECTOR = 2048


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


def burn(folder: Path, image: Path, *options: str) -> Path:
    """Write an image of a folder with a program of others."""
    program = shutil.which("genisoimage")
    if program is None:
        pytest.skip("genisoimage is not installed: tooling/judges.sh installs it")
    command = [program, "-quiet", "-V", "IMAGES", *options, "-o", str(image), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return image


def record(sector: int, size: int, name: bytes, flags: int = 0) -> bytes:
    """Write one record of a directory (ECMA-119 9.1)."""
    padded = name + bytes(1 - len(name) % 2)
    head = struct.pack("<BBI4xI4x7xBBB4xB", 33 + len(padded), 0, sector, size, flags, 0, 0, len(name))
    return head + padded


def image_of(*records: bytes, root: bytes = b"", content: bytes = b"") -> bytes:
    """Write an image whose root directory, in sector 18, has these records; content begins in sector 19."""
    descriptor = bytearray(SECTOR)
    descriptor[:6] = b"\x01CD001"
    descriptor[156:190] = (root or record(18, SECTOR, b"\x00", 2)).ljust(34, b"\0")
    end = b"\xffCD001".ljust(SECTOR, b"\0")
    return bytes(16 * SECTOR) + bytes(descriptor) + end + b"".join(records).ljust(SECTOR, b"\0") + content


def contents(image: Path) -> list[bytes]:
    with image.open("rb") as file:
        return [b"".join(blocks) for _, blocks in iterate_disc(file)]


@pytest.mark.parametrize("options", [(), ("-R", "-J"), ("-l",), ("-iso-level", "3")])
def test_a_disc_is_imported_like_its_folder(
    tenant: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    folder = tmp_path / "disc"
    (folder / "IMAGES" / "SERIES1").mkdir(parents=True)
    for number, file in enumerate(make_files("disc", 40)):
        (folder / "IMAGES" / "SERIES1" / f"I{number:07d}").write_bytes(file)
    (folder / "DICOMDIR").write_bytes(b"x")
    (folder / "AUTORUN.INF").write_bytes(b"[autorun]\r\nopen=VIEWER.EXE\r\n" * 20)
    image = burn(folder, tmp_path / "disc.iso", *options)

    with pytest.raises(SystemExit) as ended:
        call_command("import_dicom", str(image), tenant=tenant.slug, json=True)

    report = json.loads(capsys.readouterr().out)
    assert (ended.value.code, report["counts"]) == (2, {"stored": 40, "refused": 1})
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 40


@pytest.mark.req("BR-01")
def test_a_disc_in_a_watched_folder_is_taken_as_a_whole(tenant: Tenant, tmp_path: Path) -> None:
    file = make_dicom("burnt")
    (tmp_path / "disc.iso").write_bytes(image_of(record(19, len(file), b"A;1"), content=file))
    watch = Watch(system_actor(tenant.id), WatchedFolder(tmp_path, settle_s=0))
    watch.look()

    assert watch.look() == Looked(stored=1)
    assert (tmp_path / "done" / "disc.iso").exists()


def test_files_come_as_they_were_burnt(tmp_path: Path) -> None:
    folder = tmp_path / "disc"
    folder.mkdir()
    files = {f"F{number}": bytes([number]) * size for number, size in enumerate((1, 2047, 2048, 2049, 3 * SECTOR))}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "EMPTY").write_bytes(b"")
    assert sorted(contents(burn(folder, tmp_path / "disc.iso"))) == sorted([*files.values(), b""])


def test_a_file_in_several_extents_is_one(tmp_path: Path) -> None:
    image = tmp_path / "disc.iso"
    pieces = record(19, SECTOR, b"A;1", 0x80) + record(20, 5, b"A;1")
    image.write_bytes(image_of(pieces, content=b"a" * SECTOR + b"bbbbb"))
    assert contents(image) == [b"a" * SECTOR + b"bbbbb"]


def test_a_directory_that_contains_itself_is_read_once(tmp_path: Path) -> None:
    image = tmp_path / "disc.iso"
    image.write_bytes(image_of(record(18, SECTOR, b"LOOP", 2), record(19, 3, b"A;1"), content=b"abc"))
    assert contents(image) == [b"abc"]


@pytest.mark.parametrize(
    "records", [record(9999, 3, b"A;1"), record(19, 2**31, b"A;1"), record(9999, SECTOR, b"D", 2), b"\x05abcd"]
)
def test_what_lies_outside_of_the_image_is_refused_in_words(tenant: Tenant, tmp_path: Path, records: bytes) -> None:
    image = tmp_path / "disc.iso"
    image.write_bytes(image_of(records, content=b"abc"))
    with pytest.raises(CommandError, match="This image of a disc cannot be read"):
        call_command("import_dicom", str(image), tenant=tenant.slug)


def test_an_image_without_a_volume_of_files_is_refused(tenant: Tenant, tmp_path: Path) -> None:
    image = tmp_path / "disc.iso"
    image.write_bytes(bytes(16 * SECTOR) + b"\xffCD001".ljust(SECTOR, b"\0"))
    with pytest.raises(CommandError, match="no primary volume descriptor"):
        call_command("import_dicom", str(image), tenant=tenant.slug)


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disc_source, "MAX_ENTRIES", 2)
    image = tmp_path / "disc.iso"
    image.write_bytes(image_of(*[record(19, 1, b"A%d;1" % number) for number in range(3)], content=b"a"))
    with pytest.raises(disc_source.DiscTooLargeError):
        contents(image)


@given(root=st.binary(max_size=34), directory=st.binary(max_size=200))
def test_any_directory_gives_files_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, root: bytes, directory: bytes
) -> None:
    image = tmp_path_factory.mktemp("disc") / "disc.iso"
    for one in (image_of(directory), image_of(root=root.ljust(34, b"\0"))):
        image.write_bytes(one)
        try:
            found = contents(image)
        except DomainError:
            continue
        assert all(content in one for content in found)
