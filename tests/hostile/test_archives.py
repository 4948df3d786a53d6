"""ZIPs that lie, swell or climb, through the import."""

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.models import Instance, Study
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def run(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> Any:
    """Import a path; return the status of exit, and what became of each file."""

    def run_import(path: Path) -> tuple[int, dict[str, int]]:
        status = 0
        try:
            call_command("import_dicom", str(path), tenant=tenant.slug, json=True)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, json.loads(capsys.readouterr().out)["counts"]

    return run_import


def stored(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return int(Instance.objects.count())


def make_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.req("X-19")
def test_a_zip_of_slices_is_imported(run: Any, tenant: Tenant, tmp_path: Path) -> None:
    first, second = make_files("zip", 2)

    assert run(make_zip(tmp_path / "good.zip", a=first, b=second)) == (0, {"stored": 2})
    assert stored(tenant) == 2


@pytest.mark.parametrize(
    "name",
    [
        "../../escaped.dcm",
        "/tmp/escaped.dcm",
        "..\\..\\escaped.dcm",
        "C:\\escaped.dcm",
        "a/../../escaped.dcm",
        pytest.param("x" * 5000, id="long"),
    ],
)
def test_a_name_that_climbs_is_ignored(run: Any, tenant: Tenant, tmp_path: Path, name: str) -> None:
    inside = tmp_path / "deep" / "inside"
    inside.mkdir(parents=True)
    before = set(tmp_path.parent.rglob("*escaped*"))

    assert run(make_zip(inside / "climbing.zip", **{name: make_dicom("zip")})) == (0, {"stored": 1})
    assert set(tmp_path.parent.rglob("*escaped*")) == before
    assert not Path("/tmp/escaped.dcm").exists()
    assert stored(tenant) == 1


def test_a_bomb_is_refused_and_nothing_of_it_is_visible(tenant: Tenant, tmp_path: Path) -> None:
    bomb = make_zip(tmp_path / "bomb.zip", good=make_dicom("zip"), bomb=make_dicom("zip", 2) + bytes(300 << 20))

    with pytest.raises(CommandError, match="larger than"):
        call_command("import_dicom", str(bomb), tenant=tenant.slug)
    assert stored(tenant) == 0


def test_a_zip_of_too_many_entries_is_refused(tenant: Tenant, tmp_path: Path) -> None:
    path = make_zip(tmp_path / "many.zip", **{str(number): b"" for number in range(20_001)})

    with pytest.raises(CommandError, match="20000 entries"):
        call_command("import_dicom", str(path), tenant=tenant.slug)


def test_a_link_in_a_zip_is_not_followed(run: Any, tenant: Tenant, tmp_path: Path) -> None:
    target = tmp_path / "secret.dcm"
    target.write_bytes(make_dicom("secret"))
    link = zipfile.ZipInfo("link.dcm")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "links.zip", "w") as archive:
        archive.writestr(link, str(target))
        archive.writestr("good.dcm", make_dicom("zip"))

    assert run(tmp_path / "links.zip") == (0, {"stored": 1})


def test_a_zip_within_a_zip_is_not_unpacked(run: Any, tenant: Tenant, tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", slice=make_dicom("zip"))

    assert run(make_zip(tmp_path / "outer.zip", inner=inner.read_bytes())) == (2, {"refused": 1})
    assert stored(tenant) == 0


@pytest.mark.parametrize("cut", [4, 30, 200, -1, -22])
def test_a_damaged_zip_is_refused_in_words(tenant: Tenant, tmp_path: Path, cut: int) -> None:
    whole = make_zip(tmp_path / "whole.zip", a=make_dicom("zip")).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:cut])

    with pytest.raises(CommandError, match="ZIP"):
        call_command("import_dicom", str(tmp_path / "cut.zip"), tenant=tenant.slug)
    assert stored(tenant) == 0


def test_a_zip_whose_data_are_damaged_is_refused_in_words(tenant: Tenant, tmp_path: Path) -> None:
    data = bytearray(make_zip(tmp_path / "whole.zip", a=make_dicom("zip")).read_bytes())
    data[100:140] = bytes(40)
    (tmp_path / "bad.zip").write_bytes(data)

    with pytest.raises(CommandError, match="ZIP"):
        call_command("import_dicom", str(tmp_path / "bad.zip"), tenant=tenant.slug)
    assert stored(tenant) == 0


def test_a_zip_that_is_damaged_costs_no_other_file_of_the_folder(run: Any, tenant: Tenant, tmp_path: Path) -> None:
    first, second, third = make_files("folder", 3)
    (tmp_path / "a.dcm").write_bytes(first)
    (tmp_path / "b.zip").write_bytes(make_zip(tmp_path / "c.zip", a=second).read_bytes()[:-30])
    (tmp_path / "d.dcm").write_bytes(third)

    assert run(tmp_path) == (2, {"stored": 3, "refused": 1})
    assert stored(tenant) == 3


def test_a_folder_with_a_link_out_of_it_imports_what_is_inside(run: Any, tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "outside.dcm").write_bytes(make_dicom("outside"))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inside.dcm").write_bytes(make_dicom("inside"))
    (folder / "link.dcm").symlink_to(tmp_path / "outside.dcm")

    assert run(folder) == (0, {"stored": 1})
    with tenant_scope(tenant.id):
        assert Study.objects.get().dicom_patient_id == "P-inside"
