"""Objects in an S3 bucket: spooled sealed on the local disk, put in one request, under keys used once."""

import datetime as dt
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from common.clock import now
from common.errors import ConflictError, StorageFullError, UnavailableError
from common.s3 import make_client
from vault.errors import ObjectMissingError, ObjectTamperedError
from vault.objects import HEAD_SIZE
from vault.storage import pool
from vault.storage.file import FileSink, refusals
from vault.storage.port import Entry
from vault.storage.versions import Versions

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_EXISTS = frozenset({"409", "412", "ConditionalRequestConflict", "PreconditionFailed"})
_FULL = frozenset({"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})
# More than any small file has.
_SMALL_BYTES = 1 << 30
# How often the rest of an answer is asked for again, after it broke off.
_RESUMPTIONS = 4
_PAUSE_S = 0.1
_jitter = secrets.SystemRandom()
# What a killed process left in the spool goes when the next one begins, or with a sweep.
_SPOOLED = dt.timedelta(hours=24)


class Breaker:
    """Stops asking a store that failed several times in a row, for a while."""

    def __init__(self, *, failures: int = 5, pause_s: float = 10.0) -> None:
        self._failures = failures
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._count = 0
        self._opens_at = 0.0

    def check(self) -> None:
        """Raise UnavailableError while the pause lasts."""
        if time.monotonic() < self._opens_at:
            raise UnavailableError("The object store does not answer.")

    def report(self, *, is_failure: bool) -> None:
        """Take the outcome of one request."""
        with self._lock:
            self._count = self._count + 1 if is_failure else 0
            if self._count >= self._failures:
                self._count, self._opens_at = 0, time.monotonic() + self._pause_s


def _remove_old(folder: Path, before: dt.datetime) -> int:
    removed = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += 1
    return removed


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class S3Source:
    """The streamed answer to one ranged GET; where it breaks off, the rest is asked for.

    Parameters
    ----------
    ask
        Returns the answer that begins so many bytes after the begin of the range.
    """

    def __init__(self, ask: Callable[[int], dict[str, Any]]) -> None:
        self._ask = ask
        self._given = 0
        self._resumptions = 0
        answer = ask(0)
        self._body = answer["Body"]
        self.object_size = int(answer["ContentRange"].rpartition("/")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._body.close()

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer."""
        filled = 0
        while filled < len(buffer) and (size := self._take(buffer[filled:])):
            filled += size
            self._given += size
        return filled

    def _take(self, buffer: memoryview) -> int:
        while True:
            try:
                return int(self._body.readinto(buffer))
            except (BotoCoreError, HTTPError) as error:
                if self._resumptions == _RESUMPTIONS:
                    raise UnavailableError("The object store stopped answering.") from error
                self._resumptions += 1
                self._body.close()
                time.sleep(_jitter.uniform(0, _PAUSE_S * 2**self._resumptions))
                self._body = self._ask(self._given)["Body"]


class S3Storage:
    """A bucket of Amazon S3 or of a store that speaks its language; credentials come from the usual places of boto3."""

    backend = "s3"

    def __init__(
        self, *, bucket: str, prefix: str = "", endpoint: str | None = None, region: str | None = None, spool: str = ""
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint = endpoint
        self._region = region or ("us-east-1" if endpoint else None)
        self._spool_url = spool
        self._breaker = Breaker()

    @cached_property
    def _client(self) -> Any:
        return make_client(
            attempts=5,
            endpoint=self._endpoint,
            region=self._region,
            max_pool_connections=32,
            s3={"addressing_style": "path" if self._endpoint else "auto"},
        )

    @cached_property
    def _spool(self) -> Path:
        folder = Path(self._spool_url or tempfile.mkdtemp(prefix="bitewing-spool-"))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_old(folder, now() - _SPOOLED)
        return folder

    def create(self, key: str) -> FileSink:
        """Begin an object in the spool folder; it is sealed before it gets there."""
        return FileSink(self._begun(key))

    def sync(self, keys: Sequence[str]) -> None:
        """Put the objects, in threads; the store's answer is its promise of durability."""
        pool.each(self._upload, keys)

    def open(self, key: str, offset: int, length: int) -> S3Source:
        """Open a range of an object with one GET, more only where it breaks off."""
        return S3Source(lambda given: self._ask(key, offset + given, offset + length))

    def _ask(self, key: str, begin: int, end: int) -> dict[str, Any]:
        try:
            with self._refusals():
                found: dict[str, Any] = self._client.get_object(
                    Bucket=self._bucket, Key=self._prefix + key, Range=f"bytes={begin}-{end - 1}"
                )
                return found
        except ClientError as error:
            if _code(error) == "InvalidRange":
                raise ObjectTamperedError("Object {key} is too short.", key=key) from None
            raise ObjectMissingError("The store has no object {key}.", key=key) from None

    def size(self, key: str) -> int | None:
        """Return the size of an object."""
        try:
            with self._refusals():
                return int(self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)["ContentLength"])
        except ClientError:
            return None

    @cached_property
    def _versions(self) -> Versions:
        return Versions(self._client, self._bucket, self._refusals)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects with all their versions, until the store lists none of them."""
        for key in keys:
            self._begun(key).unlink(missing_ok=True)
        self._versions.remove(sorted({self._prefix + key for key in keys}))

    def remaining(self, keys: Sequence[str]) -> list[str]:
        """Return those of which any version is left, or a marker of one."""
        found = self._versions.find(sorted({self._prefix + key for key in keys}))
        left = {version["Key"].removeprefix(self._prefix) for version in found}
        return sorted(left.union(key for key in keys if self._begun(key).exists()))

    def entries(self) -> Iterator[Entry]:
        """List all objects."""
        with self._refusals():
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}o/"
            ):
                for item in page.get("Contents", ()):
                    yield Entry(item["Key"].removeprefix(self._prefix), item["Size"], item["LastModified"])

    def sweep_unfinished(self, before: dt.datetime) -> int:
        """Remove old files of the spool folder."""
        return _remove_old(self._spool, before)

    def get(self, key: str) -> bytes | None:
        """Return a small file."""
        try:
            with self.open(key, 0, _SMALL_BYTES) as source:
                data = bytearray(source.object_size)
                source.readinto(memoryview(data))
                return bytes(data)
        except ObjectMissingError:
            return None

    def put(self, key: str, data: bytes, *, is_replacing: bool) -> bool:
        """Write a small file."""
        condition = {} if is_replacing else {"IfNoneMatch": "*"}
        try:
            with self._refusals():
                self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=data, **condition)
        except ConflictError:
            return False
        return True

    def is_empty(self) -> bool:
        """Say whether nothing lies under the prefix."""
        with self._refusals():
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        return not answer.get("KeyCount")

    def probe(self) -> None:
        """Write, read and remove a small file."""
        key = f"tmp/{secrets.token_hex(16)}"
        self.put(key, b"probe", is_replacing=False)
        if self.get(key) != b"probe":
            raise UnavailableError("The object store does not keep what it is given.")
        self.delete([key])

    def _upload(self, key: str) -> None:
        spooled = self._begun(key)
        with refusals(), spooled.open("rb") as body:
            try:
                with self._refusals():
                    self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body, IfNoneMatch="*")
            except ConflictError:
                # A put whose answer was lost is repeated by boto3 and then meets itself.
                if not self._is_ours(key, spooled):
                    raise
        spooled.unlink(missing_ok=True)

    def _is_ours(self, key: str, spooled: Path) -> bool:
        head = bytearray(HEAD_SIZE)
        with spooled.open("rb") as file, self.open(key, 0, HEAD_SIZE) as stored:
            stored.readinto(memoryview(head))
            return stored.object_size == spooled.stat().st_size and head == file.read(HEAD_SIZE)

    def _begun(self, key: str) -> Path:
        return self._spool / key.rpartition("/")[2]

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn the errors of the store into ours; that something is absent, or too short, stays a ClientError."""
        self._breaker.check()
        try:
            yield
        except (BotoCoreError, HTTPError) as error:
            self._breaker.report(is_failure=True)
            raise UnavailableError("The object store does not answer.") from error
        except ClientError as error:
            code = _code(error)
            is_answer = code in _MISSING or code in _EXISTS or code == "InvalidRange"
            self._breaker.report(is_failure=not is_answer)
            if code in _EXISTS:
                raise ConflictError("The store has this object already; objects are written once.") from error
            if code in _FULL:
                raise StorageFullError from error
            if not is_answer:
                raise UnavailableError("The object store refused: {code}.", code=code) from error
            raise
        self._breaker.report(is_failure=False)
