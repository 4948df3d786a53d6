"""The servers that tests start for themselves."""

import sys
from pathlib import Path

import boto3
import pytest
from redis import Redis

from tests.servers.process import ServerError, accepts, free_port, running
from tests.servers.s3 import S3Store


def test_redis_keeps_and_gives_back(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("a", "b")

        assert client.get("a") == b"b"


@pytest.mark.s3
def test_the_store_serves_ranges_and_refuses_a_second_write(s3_store: S3Store) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=s3_store.endpoint,
        aws_access_key_id=s3_store.access_key,
        aws_secret_access_key=s3_store.secret_key,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="house")
    client.put_object(Bucket="house", Key="o/1", Body=b"0123456789", IfNoneMatch="*")

    with client.get_object(Bucket="house", Key="o/1", Range="bytes=3-5")["Body"] as body:
        assert body.read() == b"345"
    with pytest.raises(client.exceptions.ClientError, match="PreconditionFailed"):
        client.put_object(Bucket="house", Key="o/1", Body=b"other", IfNoneMatch="*")


def test_a_server_that_does_not_come_up_tells_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room')"]

    with pytest.raises(ServerError, match="no room"), running(command, is_ready=lambda: False, log=tmp_path / "log"):
        pass


def test_a_server_is_gone_after_its_block(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]

    with running(command, is_ready=lambda: accepts(port), log=tmp_path / "log") as process:
        assert process.poll() is None

    assert process.returncode is not None
    assert not accepts(port)
