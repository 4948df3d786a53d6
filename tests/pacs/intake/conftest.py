"""A bucket that is watched."""

import secrets

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.buckets import Bucket
from pacs.intake.watched import Watch
from pacs.intake.watched_bucket import WatchedBucket
from tests.pacs.intake.dropping import Drop
from tests.servers.s3 import S3Store


@pytest.fixture(scope="session")
def drop_bucket(s3_store: S3Store) -> str:
    """Make one bucket for all: the store has room for few."""
    name = f"drop-{secrets.token_hex(6)}"
    s3_store.create_bucket(name)
    return name


@pytest.fixture
def drop(drop_bucket: str, found_s3_store: S3Store) -> Drop:
    return Drop(drop_bucket, f"in-{secrets.token_hex(6)}")


@pytest.fixture
def place(drop: Drop) -> WatchedBucket:
    bucket = Bucket.parse(drop.address)
    # It is found now, whatever a test does to the way there later.
    assert bucket.client
    return WatchedBucket(bucket)


@pytest.fixture
def bucket_watch(tenant: Tenant, place: WatchedBucket) -> Watch:
    return Watch(system_actor(tenant.id), place)
