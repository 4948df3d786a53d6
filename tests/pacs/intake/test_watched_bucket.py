"""A watched bucket: what is put there is stored and moved, what is refused is moved with the reason."""

import time
import tracemalloc
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from structlog.testing import capture_logs

from accounts.models import Tenant
from common.buckets import Bucket
from pacs.intake.watched import Looked, Watch, is_left_alone
from pacs.intake.watched_bucket import WatchedBucket
from tests.factories.studies import make_dicom, make_files
from tests.pacs.intake.dropping import Drop, count, make_zip

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-01")]


@pytest.mark.s3
def test_objects_are_stored_and_moved_with_their_folders(tenant: Tenant, drop: Drop, bucket_watch: Watch) -> None:
    for number, file in enumerate(make_files("dropped", 3)):
        drop.put(f"patient/{number}.dcm", file)

    assert bucket_watch.look() == Looked(stored=3)
    assert count(tenant) == 3
    assert drop.names() == [f"done/patient/{number}.dcm" for number in range(3)]
    assert bucket_watch.look() == Looked()


@pytest.mark.s3
def test_what_is_refused_lies_in_failed_with_its_reason(tenant: Tenant, drop: Drop, bucket_watch: Watch) -> None:
    drop.put("notes.doc", b"no image at all" * 20)
    drop.put("empty.dcm", b"")
    drop.put("good.dcm", make_dicom("good"))

    assert bucket_watch.look() == Looked(stored=1, failed=2)
    refused = ["failed/empty.dcm", "failed/empty.dcm.txt", "failed/notes.doc", "failed/notes.doc.txt"]
    assert drop.names() == ["done/good.dcm", *refused]
    assert b"DICOM" in drop.read("failed/notes.doc.txt")
    assert count(tenant) == 1


@pytest.mark.s3
def test_a_zip_is_taken_as_a_whole(tenant: Tenant, drop: Drop, bucket_watch: Watch) -> None:
    # Larger than what is read at once, so that its directory is another request.
    files = [make_dicom("packed", number, ImageComments="x" * 9_000) for number in range(60)]
    drop.put("export.zip", make_zip(files))

    assert bucket_watch.look() == Looked(stored=1)
    assert count(tenant) == 60
    assert drop.names() == ["done/export.zip"]


@pytest.mark.s3
def test_a_zip_with_something_that_is_no_image_says_so(tenant: Tenant, drop: Drop, bucket_watch: Watch) -> None:
    drop.put("export.zip", make_zip([make_dicom("packed"), b"no image at all" * 20]))

    assert bucket_watch.look() == Looked(failed=1)
    assert count(tenant) == 1
    assert drop.read("failed/export.zip.txt").startswith(b"export.zip/entry 2: This is not a DICOM file.")


@pytest.mark.s3
@pytest.mark.parametrize("name", ["a.part", "a.TMP", ".hidden.dcm", ".folder/a.dcm", "a/.b/c.dcm"])
def test_what_is_unfinished_or_hidden_is_left_alone(drop: Drop, bucket_watch: Watch, name: str) -> None:
    drop.put(name, make_dicom("named"))

    assert bucket_watch.look() == Looked()
    assert drop.names() == [name]


@pytest.mark.parametrize("name", ["../../elsewhere/a.dcm", "folder/", ""])
def test_a_name_that_leads_upwards_or_is_a_folder_s_is_left_alone(name: str) -> None:
    assert is_left_alone(name.split("/"))


@pytest.mark.s3
@pytest.mark.parametrize(
    "name",
    ["a\x01b\n.dcm", "//etc/a.dcm", "ü %2F?#&+/ä.dcm", f"{'l' * 251}.dcm", "/".join(["p" * 100] * 9 + ["p" * 99])],
    ids=["control characters", "absolute", "escapes", "a long part", "long"],
)
def test_hostile_names_do_no_harm(drop: Drop, bucket_watch: Watch, name: str) -> None:
    drop.put(name, b"no image")

    assert bucket_watch.look() == Looked(failed=1)
    moved, reason = drop.names()
    assert moved.startswith("failed/")
    assert reason == f"{moved}.txt"
    assert drop.read(moved) == b"no image"


@pytest.mark.s3
def test_another_object_of_the_same_name_overwrites_nothing(drop: Drop, bucket_watch: Watch) -> None:
    for seed in ("one", "two", "three"):
        drop.put("a.dcm", make_dicom(seed))
        assert bucket_watch.look() == Looked(stored=1)

    assert sorted(map(drop.read, drop.names())) == sorted(map(make_dicom, ("one", "two", "three")))


@pytest.mark.s3
def test_listings_of_several_pages_are_read_to_their_end(drop: Drop) -> None:
    names = [f"{number}.dcm" for number in range(5)] + [f"folder/{number}.dcm" for number in range(5)]
    for name in (*names, "done/old.dcm"):
        drop.put(name, b"x")

    listed = WatchedBucket(Bucket.parse(drop.address), page_size=2).list_ready()

    assert sorted(one.found.name for one in listed) == names


@pytest.mark.s3
def test_the_oldest_comes_first(drop: Drop, place: WatchedBucket) -> None:
    drop.put("b.dcm", b"x")
    # The store tells time in seconds.
    time.sleep(1.1)
    drop.put("a.dcm", b"x")

    assert [one.name for one in place.list_ready()] == ["b.dcm", "a.dcm"]


@pytest.mark.s3
def test_memory_does_not_grow_with_an_object(drop: Drop, bucket_watch: Watch) -> None:
    drop.put("large.bin", bytes(24 << 20))
    tracemalloc.start()
    try:
        bucket_watch.look()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 6 << 20


@pytest.mark.s3
def test_names_reach_no_log(drop: Drop, bucket_watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    drop.put("Muster^Max.dcm", b"no image")

    with capture_logs() as told, caplog.at_level("INFO"):
        bucket_watch.look()

    assert "Muster" not in f"{told}{caplog.text}"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("s3://images/in", "a bucket of the portal itself"),
        ("s3://", "looks like s3://bucket or s3://bucket/folder"),
        ("s3://bucket/../other", "looks like s3://bucket or s3://bucket/folder"),
        ("https://store.example/bucket", "looks like s3://bucket or s3://bucket/folder"),
        ("/no/such/folder", "no folder at this path"),
    ],
)
def test_what_cannot_be_watched_is_refused_in_words(tenant: Tenant, settings: Any, path: str, message: str) -> None:
    settings.BITEWING_STORAGE_URL = "s3://images/objects?region=eu-central-1"

    with pytest.raises(CommandError, match=message):
        call_command("watch_folder", path, tenant=tenant.slug)
