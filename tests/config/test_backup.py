"""Backup of an embedded deployment: everything, verified, and back again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from config.backup import embedded
from config.env import ROOT
from tests.factories.studies import make_files
from vault import backup_log


def manage(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a data folder of its own, as an operator does."""
    environment = {"PATH": os.defpath, "BITEWING_DATA_DIR": str(data)}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with one stored study, and the files that it was stored from."""
    base = tmp_path_factory.mktemp("deployment")
    folder, films = base / "var", base / "films"
    films.mkdir()
    for number, file in enumerate(make_files("backup", 2)):
        (films / f"{number}.dcm").write_bytes(file)
    assert manage(folder, "migrate").returncode == 0
    assert manage(folder, "create_tenant", "Lakeside").stdout == "lakeside\n"
    assert manage(folder, "import_dicom", str(films), "--tenant", "lakeside").returncode == 0
    return base


@pytest.fixture
def data(deployment: Path, tmp_path: Path) -> Path:
    """Copy the deployment for one test."""
    shutil.copytree(deployment, tmp_path, dirs_exist_ok=True)
    return tmp_path / "var"


def test_a_backup_is_remembered_where_every_process_sees_it(data: Path, tmp_path: Path) -> None:
    assert not (data / "objects" / backup_log.LOG_KEY).exists()

    assert manage(data, "backup", "create", str(tmp_path / "copy")).returncode == 0

    (run,) = json.loads((data / "objects" / backup_log.LOG_KEY).read_text())
    assert run["files"] > 3
    assert run["is_elsewhere"] is False


@pytest.mark.req("PA-08")
def test_a_lost_data_folder_comes_back_from_its_backup(data: Path, tmp_path: Path) -> None:
    made = manage(data, "backup", "create", str(tmp_path / "copy"))
    assert (made.returncode, "KEEP THIS BACKUP SAFE" in made.stderr) == (0, True)
    shutil.rmtree(data)
    assert manage(data, "backup", "restore", str(tmp_path / "copy")).returncode == 0
    again = manage(data, "import_dicom", str(tmp_path / "films"), "--tenant", "lakeside")
    assert again.stdout.strip() == "2 duplicate"


@pytest.mark.req("X-02")
def test_the_key_of_the_audit_log_comes_back_with_the_keyring(data: Path, tmp_path: Path) -> None:
    exported = manage(data, "audit", "export", str(tmp_path / "log.zip"), "--tenant", "lakeside")
    manage(data, "backup", "create", str(tmp_path / "copy"))
    shutil.rmtree(data)
    manage(data, "backup", "restore", str(tmp_path / "copy"))
    verified = manage(data, "audit", "verify", "--tenant", "lakeside", "--json")
    again = manage(data, "audit", "export", str(tmp_path / "again.zip"), "--tenant", "lakeside")

    assert exported.stdout.startswith("127.0.0.1:8000/audit/")
    assert again.stdout == exported.stdout
    found = json.loads(verified.stdout)
    assert (found["reason"], found["covered"] >= 1) == ("", True)


def test_a_damaged_backup_is_named_and_not_restored(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    manage(data, "backup", "create", str(copy))
    damaged = next((copy / "objects").rglob("????????-*"))
    damaged.chmod(0o600)
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    refused = manage(data, "backup", "restore", str(copy), "--yes")
    assert refused.returncode == 1
    assert "1 files differ" in refused.stderr


def test_a_missing_file_is_noticed(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    manage(data, "backup", "create", str(copy))
    next((copy / "keyring").rglob("*.kek")).unlink()
    refused = manage(data, "backup", "verify", str(copy))
    assert "1 files are missing" in refused.stderr


def test_a_data_folder_in_use_is_replaced_only_when_confirmed(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    manage(data, "backup", "create", str(copy))
    refused = manage(data, "backup", "restore", str(copy))
    assert "--yes" in refused.stderr
    assert manage(data, "backup", "restore", str(copy), "--yes").returncode == 0
    assert len(list(data.parent.glob("var.before-restore-*"))) == 1


def test_a_deployment_on_other_servers_is_told_so(settings: Settings) -> None:
    settings.BITEWING_STORAGE_URL = "s3://bucket"
    with pytest.raises(embedded.NotEmbeddedError):
        embedded.create(Path("unused"))


def test_commands_print_one_line_and_nothing_else(data: Path) -> None:
    made = manage(data, "create_token", "--tenant", "lakeside", "--name", "x", "--scope", "dicomweb.read")
    assert made.stdout.startswith("dpt_")
    assert made.stdout.count("\n") == 1


def test_an_unknown_tenant_is_an_error_that_says_so(data: Path) -> None:
    refused = manage(data, "create_token", "--tenant", "nobody", "--name", "x", "--scope", "dicomweb.read")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no tenant of this slug" in refused.stderr
