"""Backup of a deployment: everything, verified, and back again, without what was destroyed meanwhile."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.env import ROOT
from tests.factories.studies import make_files
from tests.servers import migrated
from vault import backup_log

pytestmark = [pytest.mark.embedded, pytest.mark.req("PA-08")]


def manage(data: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a data folder of its own, as an operator does."""
    environment = {
        "PATH": os.defpath,
        "BITEWING_DATA_DIR": str(data),
        "BITEWING_BACKUP_URL": f"file://{data.parent}/backups",
        **variables,
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def done(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout


def recipients(folder: Path) -> str:
    """Return the line of settings that `backup keys` printed."""
    return (folder / "recipients").read_text()


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with one stored study, its backup, the files it was stored from, and two recovery keys."""
    base = tmp_path_factory.mktemp("deployment")
    folder, films = base / "var", base / "films"
    films.mkdir()
    for number, file in enumerate(make_files("backup", 2)):
        (films / f"{number}.dcm").write_bytes(file)
    migrated.copy(folder / migrated.NAME)
    assert done(manage(folder, "create_tenant", "Lakeside")) == "lakeside\n"
    done(manage(folder, "import_dicom", str(films), "--tenant", "lakeside"))
    line = done(manage(folder, "backup", "keys", str(base / "one.key"), str(base / "two.key"))).split("\n")[0]
    (base / "recipients").write_text(line.partition("=")[2])
    made = manage(folder, "backup", "create", BITEWING_RECOVERY_RECIPIENTS=recipients(base))
    assert "2 objects" in done(made)
    return base


@pytest.fixture
def data(deployment: Path, tmp_path: Path) -> Path:
    """Copy the deployment for one test."""
    shutil.copytree(deployment, tmp_path, dirs_exist_ok=True)
    return tmp_path / "var"


def files_below(folder: Path) -> Sequence[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_backup_is_remembered_where_every_process_sees_it(data: Path) -> None:
    (run,) = json.loads((data / "objects" / backup_log.LOG_KEY).read_text())

    assert run["files"] > 3
    assert (run["is_elsewhere"], run["is_encrypted"]) == (False, True)


def test_a_backup_shows_nothing_of_a_patient_and_no_key(data: Path) -> None:
    (kek,) = (data / "keyring").glob("*-7*/1.kek")
    everything = b"".join(path.read_bytes() for path in files_below(data.parent / "backups"))

    assert everything
    assert b"SQLite format" not in everything
    # The four letters alone come by chance in some megabytes of noise.
    assert bytes(128) + b"DICM" not in everything
    assert (data / "root.key").read_bytes().strip() not in everything
    assert kek.read_bytes() not in everything


@pytest.mark.req("X-02")
def test_a_lost_deployment_comes_back_with_a_recovery_key_and_its_log_under_the_same_key(data: Path) -> None:
    log = ["audit", "export", str(data.parent / "log.zip"), "--tenant", "lakeside"]
    key_of_log = done(manage(data, *log))
    shutil.rmtree(data)
    (data.parent / "log.zip").unlink()

    told = done(manage(data, "backup", "restore", "--recovery-key", str(data.parent / "two.key")))

    assert "epochs came back from the escrow" in told
    assert "0 that nothing opens" in told
    again = manage(data, "import_dicom", str(data.parent / "films"), "--tenant", "lakeside")
    assert done(again).strip() == "2 duplicate"
    assert manage(data, "fsck", "--full").returncode == 0
    assert done(manage(data, *log)) == key_of_log
    verified = json.loads(done(manage(data, "audit", "verify", "--tenant", "lakeside", "--json")))
    assert (verified["reason"], verified["covered"] >= 1) == ("", True)


def test_a_lost_database_comes_back_with_the_keyring_that_is_there(data: Path) -> None:
    (data / "bitewing.sqlite3").unlink()

    assert "2 objects are there, 0 are in no store" in done(manage(data, "backup", "restore"))

    assert manage(data, "fsck", "--full").returncode == 0


def test_a_lost_keyring_without_a_recovery_key_is_told(data: Path) -> None:
    shutil.rmtree(data)

    refused = manage(data, "backup", "restore")

    assert refused.returncode == 1
    assert "damaged or incomplete" in refused.stderr or "a recovery key" in refused.stderr


def test_verify_restores_into_scratch_and_leaves_a_signed_report(data: Path) -> None:
    told = done(manage(data, "backup", "verify"))

    assert "1 of 1 studies opened, 1 audit logs verified" in told
    (report,) = (data.parent / "backups" / "reports").iterdir()
    checked = subprocess.run(
        [sys.executable, "-I", str(ROOT / "audit" / "verify_audit.py"), str(report)], capture_output=True, check=False
    )
    assert checked.returncode == 0
    (test,) = json.loads((data / "objects" / backup_log.TESTS_KEY).read_text())
    assert (test["is_sound"], test["report"]) == (True, f"reports/{report.name}")
    assert not list(data.glob("scratch-*"))


def test_verify_names_a_damaged_copy_of_an_object(data: Path) -> None:
    keys = {path.name for path in (data / "objects" / "o").rglob("*-*")}
    damaged = next(path for path in (data.parent / "backups" / "o").rglob("*-*") if path.name in keys)
    content = bytearray(damaged.read_bytes())
    content[200] ^= 1
    damaged.write_bytes(content)

    refused = manage(data, "backup", "verify")

    assert refused.returncode == 1
    assert "not opened 1" in refused.stderr


def test_a_database_in_use_is_replaced_only_when_confirmed_and_then_kept(data: Path) -> None:
    refused = manage(data, "backup", "restore")
    assert "--yes" in refused.stderr

    done(manage(data, "backup", "restore", "--yes"))

    assert len(list(data.glob("bitewing.sqlite3.before-restore-*"))) == 1


def test_commands_print_one_line_and_nothing_else(data: Path) -> None:
    made = manage(data, "create_token", "--tenant", "lakeside", "--name", "x", "--scope", "dicomweb.read")
    assert made.stdout.startswith("dpt_")
    assert made.stdout.count("\n") == 1


def test_an_unknown_tenant_is_an_error_that_says_so(data: Path) -> None:
    refused = manage(data, "create_token", "--tenant", "nobody", "--name", "x", "--scope", "dicomweb.read")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no tenant of this slug" in refused.stderr
