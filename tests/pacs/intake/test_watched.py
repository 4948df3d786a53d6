"""A watched folder: complete files only, moved once they are stored, told why when they are not."""

import os
import zipfile
from pathlib import Path

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import UnavailableError
from common.scope import tenant_scope
from pacs.intake import Batch
from pacs.intake.watched import WatchedFolder
from pacs.models import Instance
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-01")]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def watched(tenant: Tenant, tmp_path: Path) -> WatchedFolder:
    return WatchedFolder(actor=system_actor(tenant.id), folder=tmp_path, settle_s=5)


def save(path: Path, data: bytes, *, age_s: float = 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    moment = path.stat().st_mtime - age_s
    os.utime(path, (moment, moment))
    return path


def look_twice(watched: WatchedFolder) -> tuple[int, int]:
    watched.look()
    looked = watched.look()
    return looked.stored, looked.failed


def count(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return int(Instance.objects.count())


def test_complete_files_are_stored_and_moved_with_their_folders(tenant: Tenant, watched: WatchedFolder) -> None:
    for number, file in enumerate(make_files("watched", 3)):
        save(watched.folder / "patient" / f"{number}.dcm", file)

    assert look_twice(watched) == (3, 0)
    assert count(tenant) == 3
    assert sorted(path.name for path in (watched.folder / "done" / "patient").iterdir()) == ["0.dcm", "1.dcm", "2.dcm"]
    assert look_twice(watched) == (0, 0)


def test_a_file_that_still_grows_is_left_alone(tenant: Tenant, watched: WatchedFolder) -> None:
    file = make_dicom("grows")
    path = save(watched.folder / "a.dcm", file[:400])
    watched.look()
    save(path, file)

    assert watched.look().waiting == 1
    assert count(tenant) == 0
    assert watched.look().stored == 1


@pytest.mark.parametrize("name", ["a.part", "a.TMP", ".hidden.dcm"])
def test_what_is_named_as_unfinished_is_left_alone(watched: WatchedFolder, name: str) -> None:
    save(watched.folder / name, make_dicom("named"))

    assert look_twice(watched) == (0, 0)


def test_a_file_that_was_touched_a_moment_ago_waits(watched: WatchedFolder) -> None:
    save(watched.folder / "a.dcm", make_dicom("young"), age_s=0)

    assert look_twice(watched) == (0, 0)


def test_what_is_refused_lies_in_failed_with_its_reason(tenant: Tenant, watched: WatchedFolder) -> None:
    save(watched.folder / "notes.doc", b"no image at all" * 20)
    save(watched.folder / "good.dcm", make_dicom("good"))

    assert look_twice(watched) == (1, 1)
    assert (watched.folder / "failed" / "notes.doc").exists()
    assert "DICOM" in (watched.folder / "failed" / "notes.doc.txt").read_text()
    assert count(tenant) == 1


def test_a_zip_is_taken_as_a_whole(tenant: Tenant, watched: WatchedFolder) -> None:
    path = watched.folder / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, file in enumerate(make_files("zipped", 2)):
            archive.writestr(f"{number}.dcm", file)
    save(path, path.read_bytes())

    assert look_twice(watched) == (1, 0)
    assert count(tenant) == 2


def test_a_file_that_was_stored_before_a_crash_is_moved_after_it(tenant: Tenant, watched: WatchedFolder) -> None:
    file = make_dicom("crashed")
    with Batch(actor=watched.actor, source="watch") as batch:
        batch.add([file])
        batch.commit()
    save(watched.folder / "a.dcm", file)

    assert look_twice(watched) == (1, 0)
    assert count(tenant) == 1


def test_without_a_store_everything_stays_where_it_is(
    tenant: Tenant, watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(watched.folder / "a.dcm", make_dicom("away"))

    def away(*_: object) -> None:
        raise UnavailableError

    watched.look()
    monkeypatch.setattr("vault.services.sync", away)
    with pytest.raises(UnavailableError):
        watched.look()
    assert path.exists()
    monkeypatch.undo()
    assert watched.look().stored + watched.look().stored == 1
    assert count(tenant) == 1


def test_the_same_name_again_does_not_overwrite_what_is_done(watched: WatchedFolder) -> None:
    for seed in ("one", "two"):
        save(watched.folder / "a.dcm", make_dicom(seed))
        look_twice(watched)

    assert sorted(path.name for path in (watched.folder / "done").iterdir()) == ["a-2.dcm", "a.dcm"]
