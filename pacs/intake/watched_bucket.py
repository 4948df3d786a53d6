"""A watched bucket: a place in an S3 store where vendors and gateways leave their objects.

An object appears under its name only when its last byte has arrived, so that none has to settle. It is known by its
entity tag: what is put under the same name while the former object is read is neither moved nor removed, but taken at
the next look. Names are those of others: they are never logged, since they may be patients'.
"""

import hashlib
import io
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final

from common.buckets import Bucket, BucketError
from pacs.intake.bucket_object import BucketObject, etag_of, list_objects
from pacs.intake.object_reader import ObjectReader
from pacs.intake.watched import BLOCK, DONE, FAILED, is_left_alone

# A key has 1,024 bytes at most, and some stores keep each part of it as the name of a file. What is added needs room.
_MAX_KEY_BYTES: Final = 1_024 - 64
_MAX_PART_BYTES: Final = 255 - 64
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT})


@dataclass(frozen=True, slots=True)
class DroppedObject:
    """One object that waits."""

    found: BucketObject

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.found.name.rpartition("/")[2]

    def open(self) -> io.BufferedReader:
        """Open it for reading, anywhere in it."""
        return io.BufferedReader(ObjectReader(self.found), BLOCK)

    def move(self, reason: str) -> bool:
        """Copy it to `done`, or to `failed` with the reason, then remove it; say no when it is not there any more."""
        try:
            target = self._copied(f"{FAILED if reason else DONE}/{_fitting(self.found)}")
            if reason:
                self.found.bucket.put(f"{target}.txt", f"{reason}\n".encode(), "text/plain; charset=utf-8")
            self.found.delete()
        except BucketError as error:
            if error.answered in _GONE:
                return False
            raise
        return True

    def _copied(self, place: str) -> str:
        """Copy it, and return where to; a name that another object has is not taken from it.

        Whoever was killed after that finds the copy by its tag, or makes a second one of what was put in parts.
        """
        there = etag_of(self.found.bucket, place)
        if there == self.found.etag:
            return place
        if there is not None:
            path = PurePosixPath(place)
            place = str(path.with_name(f"{path.stem}-{_digest(self.found.etag)}{path.suffix}"))
        self.found.copy(place)
        return place


@dataclass(frozen=True, slots=True)
class WatchedBucket:
    """A folder of a bucket with all that is below it."""

    bucket: Bucket
    page_size: int = 1000

    def list_ready(self) -> list[DroppedObject]:
        """List the objects, the oldest first; what was done or failed is not even asked for."""
        found = list_objects(self.bucket, passed_by={DONE, FAILED}, page_size=self.page_size)
        ready = [one for one in found if not is_left_alone(one.name.split("/"))]
        ready.sort(key=lambda one: (one.changed_at, one.name))
        return [DroppedObject(one) for one in ready]


def _fitting(found: BucketObject) -> str:
    is_long = len(found.bucket.key(found.name).encode()) > _MAX_KEY_BYTES
    if is_long or any(len(part.encode()) > _MAX_PART_BYTES for part in found.name.split("/")):
        return _digest(found.name)
    return found.name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
