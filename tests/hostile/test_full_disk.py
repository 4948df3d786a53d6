"""A disk that is really full, below the real web server: a small file system in memory, where one may be mounted."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pacs.dicom.phantom import make_uid
from tests.factories.studies import make_dicom, make_files
from tests.hostile.running import Running, Site

pytestmark = [pytest.mark.xdist_group("full-disk"), pytest.mark.embedded]

MIB = 1 << 20


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Mount a file system of 24 MiB."""
    folder = tmp_path_factory.mktemp("disk")
    mount = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=24m", "bitewing", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a file system: run as root; test_storage.py shows the same with a simulated disk")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def running(site: Site, small_disk: Path) -> Running:
    return site(small_disk)


def fill(folder: Path, *, leave: int) -> Path:
    """Write a file that leaves so many bytes free."""
    ballast = folder / "ballast"
    # The server may have taken some of it since it was counted: then the disk is full before the end.
    with suppress(OSError):
        ballast.write_bytes(bytes(max(0, shutil.disk_usage(folder).free - leave)))
    return ballast


@pytest.mark.req("PA-02")
@pytest.mark.parametrize("leave", [0, 16_384, 200_000], ids=["nothing", "room for a log", "room for a part"])
def test_a_full_disk_is_507_and_the_same_upload_succeeds_when_there_is_room(
    running: Running, small_disk: Path, leave: int
) -> None:
    before = running.studies()
    files = _large(f"disk-{leave}")
    ballast = fill(small_disk, leave=leave)
    refused = running.store(*files)
    ballast.unlink()

    assert refused == 507
    assert running.studies() == before
    assert running.store(*files) == 200
    assert make_uid(f"disk-{leave}", "study") in running.studies()


def _large(seed: str) -> list[bytes]:
    """Make slices that no remaining room can hold."""
    return [make_dicom(seed, number, ImageComments="x" * 10_000) for number in range(10, 60)]


def test_what_was_stored_is_read_while_the_disk_is_full(running: Running, small_disk: Path) -> None:
    assert running.store(*make_files("read", 2)) == 200
    ballast = fill(small_disk, leave=0)
    with running.client() as client:
        searched = client.get("/dicom-web/studies").status_code
        read = client.get(f"/dicom-web/studies/{make_uid('read', 'study')}").status_code
    ballast.unlink()

    # Nobody sees images without a trace in the access log: where that cannot be written, the answer is that it cannot.
    assert {searched, read} <= {200, 507}
