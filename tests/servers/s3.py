"""An S3 store on loopback (SeaweedFS), with real signatures, ranges and conditional writes."""

import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from unittest import mock

import boto3
import time_machine
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.process import free_port, running


@dataclass(frozen=True)
class S3Store:
    """How to reach the store."""

    endpoint: str
    access_key: str
    secret_key: str

    @classmethod
    def from_environment(cls) -> Self:
        """Return the store that `python -m tests.servers` runs."""
        endpoint = os.environ["BITEWING_TEST_STORAGE_URL"].partition("endpoint=")[2]
        return cls(endpoint, os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])

    def environment(self, bucket: str) -> dict[str, str]:
        """Return the variables by which `from_environment` and the settings find the store."""
        return {
            "BITEWING_TEST_STORAGE_URL": f"s3://{bucket}?endpoint={self.endpoint}",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    def create_bucket(self, name: str) -> None:
        """Create a bucket."""
        self._client().create_bucket(Bucket=name)

    def keeps(self) -> bool:
        """Say whether an object can be put: its parts find each other a while after the port is open."""
        client = self._client()
        try:
            if not client.list_buckets()["Buckets"]:
                client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        except (BotoCoreError, ClientError):
            return False
        return True

    def _client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=2),
        )


def program() -> Path | None:
    """Return the server program, or nothing where there is none."""
    path = Path(sys.executable).parent / "weed"
    return path if path.exists() else None


@contextmanager
def s3(server: Path) -> Iterator[S3Store]:
    """Run a fresh store until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bitewing-s3-") as scratch:
        folder = Path(scratch)
        port = free_port()
        store = S3Store(f"http://127.0.0.1:{port}", secrets.token_hex(8), secrets.token_urlsafe(24))
        with running(
            _command(server, folder, port, store),
            is_ready=store.keeps,
            log=folder / "server.log",
            environment={"WEED_S3_SSE_KEK": secrets.token_hex(32), "HOME": scratch},
            # Its orderly shutdown takes ten seconds, and nothing of it is kept.
            stop=signal.SIGKILL,
        ):
            yield store


@contextmanager
def at_its_own_time() -> Iterator[None]:
    """Sign requests to a store with the time it has itself: it refuses who comes from another one."""

    def at_the_store(remove_tzinfo: bool = True) -> datetime:
        hatch = time_machine.escape_hatch
        moment = hatch.datetime.datetime.now(UTC) if hatch.is_travelling() else datetime.now(UTC)
        return moment.replace(tzinfo=None) if remove_tzinfo else moment

    with mock.patch("botocore.auth.get_current_datetime", at_the_store):
        yield


def _command(server: Path, folder: Path, port: int, store: S3Store) -> list[str]:
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": store.access_key, "secretKey": store.secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    configuration = folder / "s3.json"
    configuration.write_text(json.dumps({"identities": [identity]}))
    return [
        *(str(server), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-master.telemetry=false"),
        *("-s3", f"-s3.port={port}", f"-s3.config={configuration}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        # A bucket takes volumes of its own, seven at a time.
        *("-volume.max=200", "-master.volumeSizeLimitMB=256"),
        *(f"-master.port={free_port()}", f"-volume.port={free_port()}", f"-filer.port={free_port()}"),
        *(f"-{part}.port.grpc={free_port()}" for part in ("master", "volume", "filer", "s3")),
    ]
