"""A bucket of somebody else, as its owner sees it."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from accounts.models import Tenant
from common.buckets import Bucket
from common.scope import tenant_scope
from pacs.intake.watched import Dropped
from pacs.models import Instance


@dataclass(frozen=True)
class Drop:
    """Puts objects into a folder, and looks what is there."""

    bucket: str
    folder: str

    @property
    def address(self) -> str:
        """What is given to the command."""
        return f"s3://{self.bucket}/{self.folder}"

    @cached_property
    def _client(self) -> Any:
        return Bucket.parse(self.address).client

    def put(self, name: str, content: bytes) -> None:
        """Put an object below the folder."""
        self._client.put_object(Bucket=self.bucket, Key=f"{self.folder}/{name}", Body=content)

    def read(self, name: str) -> bytes:
        """Return an object."""
        found = self._client.get_object(Bucket=self.bucket, Key=f"{self.folder}/{name}")
        return bytes(found["Body"].read())

    def names(self) -> list[str]:
        """List everything below the folder."""
        found = self._client.list_objects_v2(Bucket=self.bucket, Prefix=f"{self.folder}/")
        return sorted(item["Key"].removeprefix(f"{self.folder}/") for item in found.get("Contents", []))


@dataclass(frozen=True)
class Listed:
    """A place that was listed a while ago."""

    ready: Sequence[Dropped]

    def list_ready(self) -> Sequence[Dropped]:
        """Tell the same again."""
        return self.ready


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, after a commit and before what was taken is moved."""
    due = [act]
    monkeypatch.setattr("pacs.intake.watched.crashpoint", lambda _: due.pop()() if due else None)


def make_zip(files: list[bytes]) -> bytes:
    """Pack files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, file in enumerate(files):
            archive.writestr(f"{number}.dcm", file)
    return packed.getvalue()


def count(tenant: Tenant) -> int:
    """Count what the tenant has."""
    with tenant_scope(tenant.id):
        return int(Instance.objects.count())
