"""What happens to a bucket, to the store or to a second process meanwhile costs no object."""

import socket

import boto3
import pytest
from structlog.testing import capture_logs

from accounts.models import Tenant
from common.buckets import Bucket, BucketError
from common.errors import UnavailableError
from pacs.intake.bucket_object import BucketObject
from pacs.intake.watched import Looked, Watch
from pacs.intake.watched_bucket import WatchedBucket
from pacs.management.commands.watch_folder import Command
from tests.factories.studies import make_dicom, make_files
from tests.pacs.intake.dropping import Drop, Listed, count, make_zip, meanwhile
from tests.servers.faulty import Fault, faulty
from tests.servers.s3 import S3Store

pytestmark = [pytest.mark.django_db, pytest.mark.s3, pytest.mark.req("BR-01")]


def die(*_: object) -> None:
    raise SystemExit


def test_what_is_replaced_before_it_is_read_is_taken_as_it_is_then(
    tenant: Tenant, drop: Drop, place: WatchedBucket, bucket_watch: Watch
) -> None:
    drop.put("a.dcm", make_dicom("old"))
    listed = Listed(place.list_ready())
    drop.put("a.dcm", make_dicom("new"))

    assert Watch(bucket_watch.actor, listed).look() == Looked()
    assert count(tenant) == 0
    assert bucket_watch.look() == Looked(stored=1)
    assert drop.read("done/a.dcm") == make_dicom("new")
    assert count(tenant) == 1


def test_what_is_replaced_before_it_is_moved_is_taken_at_the_next_look(
    tenant: Tenant, drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("a.dcm", make_dicom("old"))
    meanwhile(monkeypatch, lambda: drop.put("a.dcm", make_dicom("new")))

    assert bucket_watch.look() == Looked()
    assert drop.names() == ["a.dcm"]
    assert bucket_watch.look() == Looked(stored=1)
    assert count(tenant) == 2


def test_what_is_replaced_after_the_copy_is_not_removed(
    tenant: Tenant, drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("a.dcm", make_dicom("old"))
    delete = BucketObject.delete

    def replaced(found: BucketObject) -> None:
        drop.put("a.dcm", make_dicom("new"))
        delete(found)

    with monkeypatch.context() as patch:
        patch.setattr(BucketObject, "delete", replaced)
        assert bucket_watch.look() == Looked()
    assert drop.read("a.dcm") == make_dicom("new")
    assert bucket_watch.look() == Looked(stored=1)
    assert count(tenant) == 2


def test_who_dies_between_copy_and_removal_leaves_one_copy(
    drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("a.dcm", make_dicom("copied"))
    with monkeypatch.context() as patch:
        patch.setattr(BucketObject, "delete", die)
        with pytest.raises(SystemExit):
            bucket_watch.look()
    assert drop.names() == ["a.dcm", "done/a.dcm"]

    assert bucket_watch.look() == Looked(stored=1)
    assert drop.names() == ["done/a.dcm"]


def test_two_processes_that_take_the_same_object_store_it_once(
    tenant: Tenant, drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("a.dcm", make_dicom("twice"))
    other = []
    meanwhile(monkeypatch, lambda: other.append(bucket_watch.look()))

    assert bucket_watch.look() == Looked()
    assert other == [Looked(stored=1)]
    assert drop.names() == ["done/a.dcm"]
    assert count(tenant) == 1


def test_what_another_process_has_moved_is_passed_by(
    tenant: Tenant, drop: Drop, place: WatchedBucket, bucket_watch: Watch
) -> None:
    first, second = make_files("moved", 2)
    drop.put("a.dcm", first)
    drop.put("b.dcm", second)
    late = Listed(place.list_ready())
    Watch(bucket_watch.actor, Listed(late.ready[:1])).look()

    assert Watch(bucket_watch.actor, late).look() == Looked(stored=1)
    assert drop.names() == ["done/a.dcm", "done/b.dcm"]
    assert count(tenant) == 2


@pytest.mark.parametrize("content", [make_dicom("away"), make_zip([make_dicom("away")])], ids=["file", "ZIP"])
def test_without_a_store_of_our_own_everything_stays_where_it_is(
    tenant: Tenant, drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    drop.put("a", content)

    def away(*_: object) -> None:
        raise UnavailableError

    with monkeypatch.context() as patch:
        patch.setattr("vault.services.sync", away)
        with pytest.raises(UnavailableError):
            bucket_watch.look()
    assert drop.names() == ["a"]
    assert bucket_watch.look() == Looked(stored=1)
    assert count(tenant) == 1


def test_a_bucket_that_does_not_answer_is_told_and_waited_for(
    drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("a.dcm", make_dicom("waits"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    # A port that is taken, and at which nobody listens.
    with socket.socket() as silent, capture_logs() as told:
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        Command._look(Watch(bucket_watch.actor, WatchedBucket(Bucket.parse(drop.address))))

    assert [(line["event"], line["code"]) for line in told] == [("bucket.unavailable", "EndpointConnectionError")]
    assert bucket_watch.look() == Looked(stored=1)


def test_a_bucket_that_goes_away_amid_a_batch_loses_nothing(
    tenant: Tenant, s3_store: S3Store, drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("a.zip", b"PK\x03\x04 and then no archive")
    with faulty(s3_store.endpoint, seed=1) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
        place = WatchedBucket(Bucket.parse(drop.address))
        listed = Watch(bucket_watch.actor, Listed(place.list_ready()))
        proxy.fail(1.0, Fault.BUSY)
        with pytest.raises(BucketError):
            listed.look()
    assert drop.names() == ["a.zip"]
    assert bucket_watch.look() == Looked(failed=1)


def test_an_object_whose_bytes_break_off_holds_up_no_other(
    tenant: Tenant, s3_store: S3Store, drop: Drop, bucket_watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        drop.put(f"{number}.dcm", make_dicom("broken", number, TextValue="x" * 60_000))
    with faulty(s3_store.endpoint, seed=1) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
        place = WatchedBucket(Bucket.parse(drop.address))
        listed = Watch(bucket_watch.actor, Listed(place.list_ready()))
        proxy.fail_once(Fault.CUT_ANSWER)
        assert listed.look() == Looked(stored=1)
    assert drop.names() == ["1.dcm", "done/2.dcm"]
    assert bucket_watch.look() == Looked(stored=1)
    assert count(tenant) == 2
