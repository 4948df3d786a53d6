"""The store in a bucket, against a real S3 server on loopback."""

import datetime as dt
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ResponseStreamingError

from common.clock import now
from common.errors import ConflictError, StorageFullError, UnavailableError
from tests.servers.faulty import Fault, Proxy, faulty
from tests.servers.s3 import S3Store
from tests.vault.builders import make_content, make_key, reader, stage
from vault import storage
from vault.errors import ObjectMissingError, ObjectTamperedError
from vault.storage.s3 import Breaker, S3Storage

KEY = "o/ab/01900000-0000-7000-8000-0000000000ab"
VERSIONED = "versions"
CONTENT = make_content(3 * 65_504 + 99)


@pytest.fixture
def opened(s3_store: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], S3Storage]:
    """Return a place of its own in a bucket, which all processes share."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_store.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_store.secret_key)

    def make(name: str) -> S3Storage:
        store = S3Storage(
            bucket=name, prefix=secrets.token_hex(8), endpoint=s3_store.endpoint, spool=str(tmp_path / "s")
        )
        with suppress(store._client.exceptions.BucketAlreadyOwnedByYou):
            store._client.create_bucket(Bucket=name)
        return store

    return make


@pytest.fixture
def bucket(opened: Callable[[str], S3Storage]) -> S3Storage:
    return opened("images")


def write(store: S3Storage, key: str, data: bytes) -> None:
    sink = store.create(key)
    sink.write(data)
    sink.close()
    store.sync([key])


@pytest.mark.s3
def test_an_object_reads_back_from_a_bucket(bucket: S3Storage) -> None:
    key = make_key()

    staged = stage(bucket, key, CONTENT)

    assert b"".join(reader(bucket, key, staged).stream()) == CONTENT
    assert reader(bucket, key, staged).read(65_500, 70_000) == CONTENT[65_500:135_500]
    assert bucket.size(staged.object_key) == staged.cipher_size
    assert list(bucket._spool.iterdir()) == []


@pytest.mark.s3
def test_a_range_is_one_get(bucket: S3Storage) -> None:
    key = make_key()
    staged = stage(bucket, key, CONTENT)

    with mock.patch.object(bucket._client, "get_object", wraps=bucket._client.get_object) as get:
        pieces = list(reader(bucket, key, staged).stream(1, 150_000, block=65_504))

    assert len(pieces) == 3
    assert [call.kwargs["Range"] for call in get.call_args_list] == ["bytes=122-196729"]


@pytest.mark.s3
def test_an_object_in_a_bucket_is_written_once(bucket: S3Storage) -> None:
    write(bucket, KEY, b"first" + bytes(200))

    with pytest.raises(ConflictError, match="written once"):
        write(bucket, KEY, b"other" + bytes(200))


@pytest.mark.s3
def test_a_repeated_put_that_meets_itself_is_a_success(bucket: S3Storage) -> None:
    """The first answer was lost on the way: boto3 puts again and the store says that the object exists."""
    write(bucket, KEY, b"head" + bytes(200))
    sink = bucket.create(KEY)
    sink.write(b"head" + bytes(200))
    sink.close()

    bucket.sync([KEY])

    assert bucket.size(KEY) == 204


@pytest.mark.s3
def test_a_truncated_object_in_a_bucket_is_refused(bucket: S3Storage) -> None:
    key = make_key()
    staged = stage(bucket, key, CONTENT)
    name = bucket._prefix + staged.object_key
    bucket._client.put_object(Bucket=bucket._bucket, Key=name, Body=b"x" * 70_000)

    with pytest.raises(ObjectTamperedError, match="another size"):
        reader(bucket, key, staged).read(0, 10)
    with pytest.raises(ObjectTamperedError, match=r"too short|another size"):
        reader(bucket, key, staged).read(140_000, 10)


@pytest.mark.s3
def test_missing_objects_and_small_files(bucket: S3Storage) -> None:
    with pytest.raises(ObjectMissingError, match="has no object"):
        bucket.open(KEY, 0, 10)
    assert bucket.size(KEY) is None
    assert bucket.get("a/1.kek") is None
    assert bucket.is_empty()
    assert bucket.put("a/1.kek", b"one", is_replacing=False) is True
    assert bucket.put("a/1.kek", b"two", is_replacing=False) is False
    assert bucket.put("a/1.kek", b"three", is_replacing=True) is True
    assert bucket.get("a/1.kek") == b"three"
    assert not bucket.is_empty()


@pytest.mark.s3
def test_listing_and_deleting(bucket: S3Storage) -> None:
    write(bucket, KEY, b"12345")

    (entry,) = bucket.entries()
    bucket.delete([KEY, KEY])

    assert (entry.key, entry.size_bytes) == (KEY, 5)
    assert abs(entry.modified_at - now()) < dt.timedelta(minutes=5)
    assert list(bucket.entries()) == []


# --- a bucket that keeps versions -------------------------------------------------------------------------------------


@pytest.fixture
def versioned(opened: Callable[[str], S3Storage]) -> S3Storage:
    """A bucket that keeps every version, as S3-compatible stores are told to for safety."""
    store = opened(VERSIONED)
    store._client.put_bucket_versioning(Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"})
    return store


def count_versions(store: S3Storage) -> int:
    """Count what lies under the prefix without the code that is tested."""
    answer = store._client.list_object_versions(Bucket=VERSIONED, Prefix=store._prefix)
    return len(answer.get("Versions", ())) + len(answer.get("DeleteMarkers", ()))


@pytest.mark.s3
@pytest.mark.req("AI-14")
def test_deleting_leaves_no_version_and_no_marker(versioned: S3Storage) -> None:
    for data in (b"one", b"two"):
        versioned.put("a/1.kek", data, is_replacing=True)
    versioned._client.delete_object(Bucket=VERSIONED, Key=versioned._prefix + "a/1.kek")
    versioned.put("a/10.kek", b"its name only begins alike", is_replacing=True)
    before = count_versions(versioned)

    versioned.delete(["a/1.kek"])

    assert (before, count_versions(versioned)) == (4, 1)
    assert versioned.remaining(["a/1.kek", "a/10.kek"]) == ["a/10.kek"]


@pytest.mark.s3
@pytest.mark.req("AI-14")
def test_an_object_that_was_only_hidden_remains(versioned: S3Storage) -> None:
    write(versioned, KEY, b"content")
    versioned._client.delete_object(Bucket=VERSIONED, Key=versioned._prefix + KEY)

    hidden = versioned.size(KEY)

    assert hidden is None
    assert versioned.remaining([KEY]) == [KEY]


@pytest.mark.s3
def test_a_probe_of_a_bucket_with_versions_leaves_nothing(versioned: S3Storage) -> None:
    versioned.probe()

    assert count_versions(versioned) == 0


@pytest.mark.s3
def test_a_probe_of_a_bucket_leaves_nothing(bucket: S3Storage) -> None:
    bucket.probe()

    assert bucket.is_empty()


# --- a store that fails once, and is asked again ----------------------------------------------------------------------


@pytest.fixture
def proxied(bucket: S3Storage, s3_store: S3Store, tmp_path: Path) -> Iterator[tuple[S3Storage, Proxy]]:
    with faulty(s3_store.endpoint, seed=1) as proxy:
        yield (
            S3Storage(bucket="images", prefix=bucket._prefix.strip("/"), endpoint=proxy.endpoint, spool=str(tmp_path)),
            proxy,
        )


@pytest.mark.s3
@pytest.mark.parametrize("fault", Fault)
def test_an_object_is_put_and_read_whole_whatever_fails_once(proxied: tuple[S3Storage, Proxy], fault: Fault) -> None:
    store, proxy = proxied
    found = bytearray(len(CONTENT))

    proxy.fail_once(fault)
    write(store, KEY, CONTENT)
    proxy.fail_once(fault)
    with store.open(KEY, 0, len(CONTENT)) as source:
        source.readinto(memoryview(found))

    assert bytes(found) == CONTENT
    assert source.object_size == len(CONTENT)


@pytest.mark.s3
@pytest.mark.parametrize("fault", Fault)
def test_listing_and_deleting_end_well_whatever_fails_once(proxied: tuple[S3Storage, Proxy], fault: Fault) -> None:
    store, proxy = proxied
    write(store, KEY, CONTENT)

    proxy.fail_once(fault)
    listed = [entry.key for entry in store.entries()]
    proxy.fail_once(fault)
    store.delete([KEY])

    assert listed == [KEY]
    assert store.size(KEY) is None


# --- answers that a healthy server does not give ----------------------------------------------------------------------


@pytest.fixture
def deaf(tmp_path: Path) -> S3Storage:
    """A bucket whose server is played by the test."""
    store = S3Storage(bucket="images", endpoint="http://127.0.0.1:9", spool=str(tmp_path))
    store.__dict__["_client"] = mock.Mock()
    return store


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "PutObject")


@pytest.mark.parametrize("code", ["507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"])
def test_a_full_bucket_is_told(deaf: S3Storage, code: str) -> None:
    deaf._client.put_object.side_effect = refusal(code)

    with pytest.raises(StorageFullError):
        write(deaf, KEY, b"content")


@pytest.mark.parametrize("error", [refusal("AccessDenied"), EndpointConnectionError(endpoint_url="http://127.0.0.1:9")])
def test_a_store_that_refuses_or_is_away_is_unavailable(deaf: S3Storage, error: Exception) -> None:
    deaf._client.get_object.side_effect = error

    with pytest.raises(UnavailableError):
        deaf.open(KEY, 0, 10)


def test_after_five_failures_the_store_is_left_alone_for_a_while(deaf: S3Storage) -> None:
    deaf._client.get_object.side_effect = refusal("InternalError")
    for _ in range(5):
        with pytest.raises(UnavailableError, match="InternalError"):
            deaf.open(KEY, 0, 10)

    with pytest.raises(UnavailableError, match="does not answer"):
        deaf.open(KEY, 0, 10)
    assert deaf._client.get_object.call_count == 5


class Breaking:
    """The body of an answer that gives some bytes and breaks off."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def readinto(self, buffer: memoryview) -> int:
        if not self.content:
            raise ResponseStreamingError(error="the line broke")
        size = min(len(buffer), len(self.content))
        buffer[:size], self.content = self.content[:size], b""
        return size

    def close(self) -> None:
        pass


def answer(content: bytes) -> dict[str, object]:
    return {"Body": Breaking(content), "ContentRange": "bytes 10-19/100"}


def test_an_answer_that_breaks_off_goes_on_where_it_broke(deaf: S3Storage) -> None:
    deaf._client.get_object.side_effect = [answer(b"0123"), answer(b"456"), answer(b"789")]
    found = bytearray(10)

    with deaf.open(KEY, 10, 10) as source:
        assert source.readinto(memoryview(found)) == 10

    assert bytes(found) == b"0123456789"
    asked = [call.kwargs["Range"] for call in deaf._client.get_object.call_args_list]
    assert asked == ["bytes=10-19", "bytes=14-19", "bytes=17-19"]


def test_an_answer_that_breaks_off_again_and_again_is_given_up(deaf: S3Storage) -> None:
    deaf._client.get_object.side_effect = lambda **_: answer(b"")

    with deaf.open(KEY, 10, 10) as source, pytest.raises(UnavailableError, match="stopped answering"):
        source.readinto(memoryview(bytearray(10)))
    assert deaf._client.get_object.call_count == 5


def test_what_a_killed_process_left_in_the_spool_goes_when_the_next_begins(tmp_path: Path) -> None:
    for name, age in (("old", dt.timedelta(hours=25)), ("young", dt.timedelta(hours=23))):
        moment = (now() - age).timestamp()
        (tmp_path / name).write_bytes(b"sealed")
        os.utime(tmp_path / name, (moment, moment))

    S3Storage(bucket="images", spool=str(tmp_path)).create(KEY).abort()

    assert [path.name for path in tmp_path.iterdir()] == ["young"]


def test_all_processes_of_a_machine_share_a_spool(settings: Any, tmp_path: Path) -> None:
    settings.BITEWING_DATA_DIR = tmp_path
    store = storage.from_url(f"s3://{secrets.token_hex(8)}?endpoint=http://127.0.0.1:9")

    assert isinstance(store, S3Storage)
    assert store._spool == tmp_path / "spool"


def listed(*versions: str) -> dict[str, Any]:
    return {"Versions": [{"Key": KEY, "VersionId": version} for version in versions]}


def test_a_store_that_goes_on_listing_what_it_removed_is_not_believed(deaf: S3Storage) -> None:
    deaf._client.get_paginator.return_value.paginate.return_value = [listed("1")]
    deaf._client.delete_objects.return_value = {}

    with pytest.raises(UnavailableError, match="goes on listing"):
        deaf.delete([KEY])


def test_a_version_that_is_locked_is_told(deaf: S3Storage) -> None:
    deaf._client.get_paginator.return_value.paginate.return_value = [listed("1", "2")]
    deaf._client.delete_objects.return_value = {"Errors": [{"Key": KEY, "VersionId": "2", "Code": "AccessDenied"}]}

    with pytest.raises(UnavailableError, match="did not remove"):
        deaf.delete([KEY])


def test_a_missing_object_is_no_failure_of_the_store(deaf: S3Storage) -> None:
    deaf._client.head_object.side_effect = refusal("404")

    assert [deaf.size(KEY) for _ in range(9)] == [None] * 9


def test_a_breaker_closes_again() -> None:
    breaker = Breaker(failures=1, pause_s=-1)
    breaker.report(is_failure=True)

    breaker.check()
