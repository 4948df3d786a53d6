"""Stores of objects, chosen by URL: `file:///folder`, `s3://bucket/prefix?endpoint=https://...&region=...`."""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from vault.storage.port import Storage


@cache
def from_url(url: str) -> Storage:
    """Return the store of a URL, one for each process.

    Raises
    ------
    ImproperlyConfigured
        If the URL names no store that exists.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.strip("/"):
        from vault.storage.file import FileStorage

        return FileStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        from vault.storage.s3 import S3Storage

        # One folder for all processes of a machine, so that each finds what a killed one left.
        spool = {"spool": str(settings.BITEWING_DATA_DIR / "spool")}
        options = spool | {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return S3Storage(bucket=parts.netloc, prefix=parts.path.strip("/"), **options)
    raise ImproperlyConfigured(f"a store is file:///folder or s3://bucket?endpoint=..., not {parts.scheme}:...")


def current() -> Storage:
    """Return the store of objects of the settings, one for each process."""
    return from_url(settings.BITEWING_STORAGE_URL)


def backups() -> Storage:
    """Return the store of backups, manifests and the escrow."""
    return from_url(settings.BITEWING_BACKUP_URL)
