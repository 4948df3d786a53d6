"""Buckets that somebody else named and keeps: a witness of the log, or a place where others leave images.

The portal keeps no secret of theirs: the owner of the bucket lets the portal's account in, as he does for the logs of
his cloud. Buckets of the portal itself are refused, since there it may write everything. The store is Amazon S3, or the
one that boto3 finds in ``AWS_ENDPOINT_URL_S3``.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final, Self
from urllib.parse import urlsplit

from django.conf import settings

from common.errors import UnavailableError
from common.outgoing import AddressRefusedError
from common.s3 import make_client

_ADDRESS: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,5})/?")


class BucketError(UnavailableError):
    """The store refused, or did not answer; `reason` is its word for it, and `answered` its HTTP status."""

    code = "bucket-unavailable"
    title = "The bucket does not answer as it should."

    def __init__(self, detail: str, *, reason: str, answered: int = 0) -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason
        self.answered = answered


@contextmanager
def answers() -> Iterator[None]:
    """Turn what the store says, or that it says nothing, into a BucketError."""
    # As in `make_client`: few deployments have such a bucket, and the library takes half a second.
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        reason = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        raise BucketError("The store answered {reason}.", reason=reason, answered=status) from error
    except (BotoCoreError, HTTPError) as error:
        raise BucketError("No answer: {reason}.", reason=type(error).__name__) from error


@dataclass(frozen=True)
class Bucket:
    """A bucket and the folder in it; names are those below the folder."""

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
            raise AddressRefusedError("This is a bucket of the portal itself: name one outside of it.")
        return cls(found[1], found[2].strip("/"))

    @cached_property
    def client(self) -> Any:
        return make_client(attempts=2)

    def key(self, name: str) -> str:
        """Return the name of an object in the whole bucket."""
        return f"{self.folder}/{name}" if self.folder else name

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Leave an object; one of this name that is there already was left by an attempt before.

        Raises
        ------
        BucketError
            If the store does not take it.
        """
        try:
            with answers():
                self.client.put_object(
                    Bucket=self.name, Key=self.key(name), Body=content, ContentType=content_type, IfNoneMatch="*"
                )
        except BucketError as error:
            if error.answered != HTTPStatus.PRECONDITION_FAILED:
                raise


def _own_buckets() -> set[str]:
    urls = (settings.BITEWING_STORAGE_URL, settings.BITEWING_KEYRING_URL, settings.BITEWING_BACKUP_URL)
    return {urlsplit(url).netloc for url in urls if url.startswith("s3://")}
