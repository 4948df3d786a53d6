"""A deployment for the time of a look: a database of its own, the objects and keys of the real one."""

import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connections

from common.errors import UnavailableError
from config.backup import database
from config.env import ROOT, child_environment, load


@contextmanager
def scratch() -> Iterator[dict[str, str]]:
    """Yield the variables of a deployment that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=settings.BITEWING_DATA_DIR) as folder:
        shared = {
            "BITEWING_DATA_DIR": folder,
            "BITEWING_STORAGE_URL": settings.BITEWING_BACKUP_URL,
            "BITEWING_BACKUP_URL": settings.BITEWING_BACKUP_URL,
            "BITEWING_KEYRING_URL": settings.BITEWING_KEYRING_URL,
            "BITEWING_ROOT_KEY_URL": settings.BITEWING_ROOT_KEY_URL,
            "BITEWING_BASE_URL": settings.BITEWING_BASE_URL,
            "BITEWING_SECRET_KEY": settings.SECRET_KEY,
            "BITEWING_REDIS_URL": "",
        }
        if database.engine() == "sqlite":
            yield shared | {
                "BITEWING_DATABASE_URL": f"sqlite://{folder}/scratch.sqlite3",
                "BITEWING_DATABASE_OWNER_URL": "",
                "BITEWING_DATABASE_PLATFORM_URL": "",
            }
        else:
            with _scratch_database() as addresses:
                yield shared | addresses


@contextmanager
def _scratch_database() -> Iterator[dict[str, str]]:
    """Make a database on the same server; takes the right CREATEDB for the owner of the schema."""
    name = f"bitewing_scratch_{secrets.token_hex(8)}"
    env = load()
    urls = {
        "BITEWING_DATABASE_URL": env.database_url,
        "BITEWING_DATABASE_OWNER_URL": env.database_owner_url,
        "BITEWING_DATABASE_PLATFORM_URL": env.database_platform_url,
    }
    owner = connections["owner" if "owner" in settings.DATABASES else "default"]
    with owner.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield {key: _renamed(url, name) for key, url in urls.items() if url}
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(  # noqa: S603  our own program
        command, env=child_environment(environment), capture_output=True, text=True, check=False, cwd=Path("/")
    )
    if done.returncode != 0:
        raise UnavailableError("The scratch deployment failed: {reason}", reason=done.stderr.strip()[-300:])
    return done.stdout
