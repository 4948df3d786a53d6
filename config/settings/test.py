"""The suite: SQLite and files by default; PostgreSQL and an S3 store when `python -m tests.servers` provides them."""

import tempfile
from pathlib import Path

from config import databases
from config.settings.base import *  # noqa: F403
from config.settings.base import ENV, STORAGES
from config.settings.logging import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.security import *  # noqa: F403

_SCRATCH = Path(tempfile.mkdtemp(prefix="bitewing-test-"))
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
if ENV.test_database_url:
    # The owner migrates and flushes; each test connection becomes portal_app (tests/conftest.py).
    DATABASES = {"default": databases.connection(ENV.test_database_owner_url)}
    DATABASES["default"]["OPTIONS"].pop("pool")
else:
    DATABASES = {"default": databases.connection(f"sqlite://{_SCRATCH}/test.sqlite3")}
    DATABASES["default"]["TEST"] = {"NAME": str(_SCRATCH / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
BITEWING_DATA_DIR = _SCRATCH
BITEWING_STORAGE_URL = f"file://{_SCRATCH}/objects"
if ENV.test_storage_url:
    BITEWING_STORAGE_URL = ENV.test_storage_url.replace("?", f"/{_SCRATCH.name}?")
BITEWING_KEYRING_URL = f"file://{_SCRATCH}/keyring"
BITEWING_ROOT_KEY_URL = f"file:{_SCRATCH}/root.key"
BITEWING_BACKUP_URL = f"file://{_SCRATCH}/backups"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
AXES_ENABLED = False
(_SCRATCH / "static").mkdir()
STATIC_ROOT = _SCRATCH / "static"
