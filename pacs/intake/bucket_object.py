"""Objects in a bucket of others: each is known by its entity tag, and left alone once it is another."""

import datetime as dt
from collections.abc import Container, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from common.buckets import Bucket, BucketError, answers

# A single request copies 5 GiB at most, and answers only when all of it is there.
_COPY_PART: Final = 128 << 20


@dataclass(frozen=True, slots=True)
class BucketObject:
    """One object as the bucket lists it, by its name below the folder."""

    bucket: Bucket
    name: str
    etag: str
    size_bytes: int
    changed_at: dt.datetime

    def read(self, begin: int) -> Any:
        """Return its bytes from one on, as a stream, unless it was replaced."""
        with answers():
            return self.bucket.client.get_object(**self._address, Range=f"bytes={begin}-", IfMatch=self.etag)["Body"]

    def copy(self, name: str) -> None:
        """Copy it within the store, unless it was replaced."""
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig(multipart_threshold=_COPY_PART, multipart_chunksize=_COPY_PART, use_threads=False)
        condition = {"CopySourceIfMatch": self.etag}
        with answers():
            self.bucket.client.copy(self._address, self.bucket.name, self.bucket.key(name), condition, Config=config)

    def delete(self) -> None:
        """Remove it, unless it was replaced."""
        with answers():
            self.bucket.client.delete_object(**self._address, IfMatch=self.etag)

    @property
    def _address(self) -> dict[str, str]:
        return {"Bucket": self.bucket.name, "Key": self.bucket.key(self.name)}


def list_objects(bucket: Bucket, *, passed_by: Container[str], page_size: int) -> Iterator[BucketObject]:
    """List page by page; of some folders at the top it is not even asked what lies in them."""
    top = bucket.key("")
    with answers():
        for page in _pages(bucket, top, page_size, Delimiter="/"):
            yield from _objects(bucket, page)
            for found in page.get("CommonPrefixes", ()):
                if found["Prefix"].removeprefix(top).strip("/") not in passed_by:
                    for below in _pages(bucket, found["Prefix"], page_size):
                        yield from _objects(bucket, below)


def _pages(bucket: Bucket, prefix: str, size: int, **options: str) -> Iterator[dict[str, Any]]:
    paginator = bucket.client.get_paginator("list_objects_v2")
    yield from paginator.paginate(Bucket=bucket.name, Prefix=prefix, PaginationConfig={"PageSize": size}, **options)


def _objects(bucket: Bucket, page: dict[str, Any]) -> Iterator[BucketObject]:
    for item in page.get("Contents", ()):
        name = item["Key"].removeprefix(bucket.key(""))
        yield BucketObject(bucket, name, item["ETag"], item["Size"], item["LastModified"])


def etag_of(bucket: Bucket, name: str) -> str | None:
    """Return the entity tag of an object, or None where there is none."""
    try:
        with answers():
            return str(bucket.client.head_object(Bucket=bucket.name, Key=bucket.key(name))["ETag"])
    except BucketError as error:
        if error.answered == HTTPStatus.NOT_FOUND:
            return None
        raise


def require_answer(bucket: Bucket) -> None:
    """Raise a BucketError unless the bucket lets itself be listed."""
    with answers():
        bucket.client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.key(""), MaxKeys=1)
