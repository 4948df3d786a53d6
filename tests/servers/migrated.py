"""A migrated SQLite database that every process of a run copies: migrating takes seconds, copying none."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import django

from config.env import ROOT, child_environment

NAME = "bitewing.sqlite3"


def copy(to: Path) -> None:
    """Copy the database of these migrations."""
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(database(), to)


@cache
def database() -> Path:
    """Return a database that these migrations made, from an earlier run where it has made one."""
    made = ROOT / "build" / "migrated" / f"{_digest()}.sqlite3"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as scratch:
            addresses = {"BITEWING_DATA_DIR": scratch, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
            command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
            subprocess.run(command, env=child_environment(addresses), check=True, cwd=ROOT)
            # Another process may have been quicker; both are the same.
            Path(scratch, NAME).replace(made)
    return made


def _digest() -> str:
    digest = hashlib.sha256(django.__version__.encode())
    operations = [ROOT / "common" / "creating.py", ROOT / "common" / "rls.py"]
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), *operations]:
        digest.update(path.read_bytes())
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
