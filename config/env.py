"""Typed environment: the only reader of environment variables."""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Env(BaseSettings):
    """What an operator may set; everything absent means the embedded defaults under `var/`."""

    model_config = SettingsConfigDict(env_prefix="BITEWING_", extra="ignore")

    data_dir: Path = ROOT / "var"
    database_url: str = ""
    database_owner_url: str = ""
    database_platform_url: str = ""
    redis_url: str = ""
    storage_url: str = ""
    keyring_url: str = ""
    root_key_url: str = ""
    backup_url: str = ""
    # Folder of pg_dump and pg_restore, of the version of the server; where it is empty, those that are found.
    postgres_programs: str = ""
    # How long a backup is kept; certificates of destruction promise it.
    backup_keep_days: int = Field(default=35, ge=1, le=3650)
    # Public keys of two people or places that can open the escrow and the backups, with commas between.
    recovery_recipients: str = ""
    email_url: str = ""
    secret_key: str = Field(default="", repr=False)
    base_url: str = "http://127.0.0.1:8000"
    demo: bool = False
    advisory_file: Path | None = None
    # Ids of tenants whose analyses have a queue of their own, with commas between.
    own_queues: str = ""
    # For tests only, refused in production: the mark of `common.crashpoint` that kills the process.
    crash_at: str = ""
    test_database_url: str = ""
    test_database_owner_url: str = ""
    test_database_platform_url: str = ""
    test_redis_url: str = ""
    test_storage_url: str = ""

    @field_validator("base_url")
    @classmethod
    def _base_url_has_scheme_and_host(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("BITEWING_BASE_URL must look like https://images.example.org, without a path")
        return value.rstrip("/")

    @field_validator("database_url", "database_owner_url", "database_platform_url")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"sqlite", "postgres", "postgresql"}:
            raise ValueError("a database URL begins with sqlite:/// or postgres://")
        return value

    @field_validator("email_url")
    @classmethod
    def _mail_is_known(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"smtp", "smtps", "file"}:
            raise ValueError("BITEWING_EMAIL_URL begins with smtp://, smtps:// or file:///")
        return value

    @model_validator(mode="after")
    def _fill_embedded_defaults(self) -> "Env":
        data = self.data_dir
        self.database_url = self.database_url or f"sqlite://{data / 'bitewing.sqlite3'}"
        self.storage_url = self.storage_url or f"file://{data / 'objects'}"
        self.keyring_url = self.keyring_url or f"file://{data / 'keyring'}"
        self.root_key_url = self.root_key_url or f"file:{data / 'root.key'}"
        self.backup_url = self.backup_url or f"file://{data / 'backups'}"
        self.email_url = self.email_url or f"file://{data / 'mail'}"
        if self.demo and not self.is_loopback:
            raise ValueError("BITEWING_DEMO=1 starts only on a loopback BITEWING_BASE_URL")
        return self

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def origins(self) -> list[str]:
        """Origins of the portal; on loopback both names of this machine (passkeys need `localhost`)."""
        if not self.is_loopback:
            return [self.base_url]
        parts = urlsplit(self.base_url)
        return [f"{parts.scheme}://{name}:{parts.port or 80}" for name in ("127.0.0.1", "localhost")]

    @property
    def is_loopback(self) -> bool:
        return self.host in {"127.0.0.1", "localhost", "::1"}


def embedded_secret_key(data_dir: Path) -> str:
    """Return the secret of an embedded deployment, made on first use and kept readable by its owner only."""
    path = data_dir / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        secret = secrets.token_urlsafe(48)
        path.write_text(secret)
        return secret


def child_environment(changes: dict[str, str]) -> dict[str, str]:
    """Return this process's environment with changes, for a process that it starts."""
    return {**os.environ, **changes}


@lru_cache(maxsize=1)
def load() -> Env:
    """Read the environment once."""
    return Env()
