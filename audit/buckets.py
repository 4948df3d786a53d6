"""Leaving checkpoints in a bucket that somebody of a tenant named, for him to keep under a lock of his own.

The portal keeps no secret of his: the owner of the bucket lets the portal's account put objects into it, as he does for
the logs of his cloud. Nothing is ever replaced there. Buckets of the portal itself are refused, since into these it may
write everything. The store is Amazon S3, or the one that boto3 finds in ``AWS_ENDPOINT_URL_S3``.
"""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from common.outgoing import AddressRefusedError, NotDeliveredError

_ADDRESS: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,5})/?")
_IS_THERE: Final = "PreconditionFailed"
_CONFIG: Final = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 2},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and the folder in it."""

    name: str
    folder: str

    @classmethod
    def parse(cls, address: str) -> Self:
        """Read ``s3://bucket`` or ``s3://bucket/folder``.

        Raises
        ------
        AddressRefusedError
            If it is no such address, or names a bucket of the portal.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise AddressRefusedError("A bucket looks like s3://bucket or s3://bucket/folder.")
        if found[1] in _own_buckets():
            raise AddressRefusedError("This is a bucket of the portal itself: a witness lies outside.")
        return cls(found[1], found[2].strip("/"))

    def put(self, name: str, content: bytes) -> None:
        """Leave an object; one of this name that is there already was left by an attempt before.

        Raises
        ------
        NotDeliveredError
            If the store does not take it.
        """
        key = f"{self.folder}/{name}" if self.folder else name
        try:
            boto3.client("s3", config=_CONFIG).put_object(
                Bucket=self.name, Key=key, Body=content, ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code != _IS_THERE:
                raise NotDeliveredError("The store answered {code}.", code=code) from error
        except BotoCoreError as error:
            raise NotDeliveredError("No answer: {reason}.", reason=type(error).__name__) from error


def _own_buckets() -> set[str]:
    urls = (settings.BITEWING_STORAGE_URL, settings.BITEWING_KEYRING_URL, settings.BITEWING_BACKUP_URL)
    return {urlsplit(url).netloc for url in urls if url.startswith("s3://")}
