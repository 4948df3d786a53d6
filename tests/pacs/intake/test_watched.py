"""A watched folder: complete files only, moved once they are stored, told why when they are not."""

import errno
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import UnavailableError
from pacs.intake import Batch
from pacs.intake.watched import Looked, Watch
from pacs.intake.watched_folder import DroppedFile, WatchedFolder
from pacs.management.commands import watch_folder
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files
from tests.pacs.intake.dropping import Listed, count, meanwhile

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-01")]


class _Breaking(io.BytesIO):
    """A file whose disk fails at its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, or fail."""
        data = super().read(size)
        if not data:
            raise OSError
        return data


@dataclass(frozen=True)
class Broken:
    """A file that breaks off, and is never to be moved."""

    content: bytes
    name: str = "broken.dcm"

    def open(self) -> BinaryIO:
        """Open it."""
        return _Breaking(self.content)

    def move(self, reason: str) -> bool:
        """Fail."""
        raise AssertionError(reason)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def watch(tenant: Tenant, tmp_path: Path) -> Watch:
    return Watch(system_actor(tenant.id), WatchedFolder(tmp_path, settle_s=5))


def save(path: Path, data: bytes, *, age_s: float = 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    moment = path.stat().st_mtime - age_s
    os.utime(path, (moment, moment))
    return path


def look_twice(watch: Watch) -> tuple[int, int]:
    watch.look()
    looked = watch.look()
    return looked.stored, looked.failed


def test_complete_files_are_stored_and_moved_with_their_folders(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    for number, file in enumerate(make_files("watched", 3)):
        save(tmp_path / "patient" / f"{number}.dcm", file)

    assert look_twice(watch) == (3, 0)
    assert count(tenant) == 3
    assert sorted(path.name for path in (tmp_path / "done" / "patient").iterdir()) == ["0.dcm", "1.dcm", "2.dcm"]
    assert look_twice(watch) == (0, 0)


def test_a_file_that_still_grows_is_left_alone(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    file = make_dicom("grows")
    path = save(tmp_path / "a.dcm", file[:400])
    watch.look()
    save(path, file)

    assert watch.look().stored == 0
    assert count(tenant) == 0
    assert watch.look().stored == 1


@pytest.mark.parametrize("name", ["a.part", "a.TMP", ".hidden.dcm"])
def test_what_is_named_as_unfinished_is_left_alone(watch: Watch, tmp_path: Path, name: str) -> None:
    save(tmp_path / name, make_dicom("named"))

    assert look_twice(watch) == (0, 0)


def test_a_file_that_was_touched_a_moment_ago_waits(tenant: Tenant, tmp_path: Path) -> None:
    patient = Watch(system_actor(tenant.id), WatchedFolder(tmp_path, settle_s=3600))
    save(tmp_path / "a.dcm", make_dicom("young"), age_s=0)

    assert look_twice(patient) == (0, 0)


def test_what_is_refused_lies_in_failed_with_its_reason(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    save(tmp_path / "notes.doc", b"no image at all" * 20)
    save(tmp_path / "good.dcm", make_dicom("good"))

    assert look_twice(watch) == (1, 1)
    assert (tmp_path / "failed" / "notes.doc").exists()
    assert "DICOM" in (tmp_path / "failed" / "notes.doc.txt").read_text()
    assert count(tenant) == 1


def test_a_file_that_is_gone_when_its_turn_comes_costs_no_other(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    first, second = make_files("gone", 2)
    save(tmp_path / "a.dcm", first)
    gone = save(tmp_path / "b.dcm", second)
    watch.look()
    listed = Listed(watch.place.list_ready())
    gone.unlink()

    assert Watch(watch.actor, listed).look() == Looked(stored=1)
    assert count(tenant) == 1


def test_a_file_that_breaks_off_costs_no_other(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    first, second = make_files("broken", 2)
    save(tmp_path / "a.dcm", first)
    watch.look()
    listed = Listed([Broken(second), *watch.place.list_ready()])

    assert Watch(watch.actor, listed).look() == Looked(stored=1)
    assert count(tenant) == 1


def test_a_file_that_is_replaced_before_it_is_moved_is_taken_at_the_next_look(
    tenant: Tenant, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.dcm", make_dicom("old"))
    watch.look()
    meanwhile(monkeypatch, lambda: save(path, make_dicom("new")))

    assert watch.look() == Looked()
    assert look_twice(watch) == (1, 0)
    assert count(tenant) == 2


def test_a_zip_is_taken_as_a_whole(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, file in enumerate(make_files("zipped", 2)):
            archive.writestr(f"{number}.dcm", file)
    save(path, path.read_bytes())

    assert look_twice(watch) == (1, 0)
    assert count(tenant) == 2


def test_a_file_that_was_stored_before_a_crash_is_moved_after_it(tenant: Tenant, watch: Watch, tmp_path: Path) -> None:
    file = make_dicom("crashed")
    with Batch(actor=watch.actor, source="watch") as batch:
        batch.add([file])
        batch.commit()
    save(tmp_path / "a.dcm", file)

    assert look_twice(watch) == (1, 0)
    assert count(tenant) == 1


def test_without_a_store_everything_stays_where_it_is(
    tenant: Tenant, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.dcm", make_dicom("away"))

    def away(*_: object) -> None:
        raise UnavailableError

    watch.look()
    monkeypatch.setattr("vault.services.sync", away)
    with pytest.raises(UnavailableError):
        watch.look()
    assert path.exists()
    monkeypatch.undo()
    assert watch.look().stored + watch.look().stored == 1
    assert count(tenant) == 1


def test_a_file_that_cannot_be_moved_costs_no_other_and_is_moved_later(
    tenant: Tenant, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in ("one", "two"):
        save(tmp_path / f"{seed}.dcm", make_dicom(seed))

    def no_room(*_: object) -> bool:
        raise OSError(errno.ENOSPC, "no space left on device", "name.dcm")

    with monkeypatch.context() as full:
        full.setattr(DroppedFile, "move", no_room)
        assert look_twice(watch) == (0, 0)

    assert count(tenant) == 2
    assert watch.look().stored == 2


def test_a_disk_that_fails_does_not_end_the_watching(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[DroppedFile]:
        raise OSError(errno.EIO, "input/output error", "name.dcm")

    monkeypatch.setattr(WatchedFolder, "list_ready", fail)

    watch_folder.Command._look(watch)


def test_the_same_name_again_does_not_overwrite_what_is_done(watch: Watch, tmp_path: Path) -> None:
    for seed in ("one", "two"):
        save(tmp_path / "a.dcm", make_dicom(seed))
        look_twice(watch)

    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["a-2.dcm", "a.dcm"]
