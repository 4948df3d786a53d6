"""All versions of objects in a bucket: one that keeps versions answers a plain delete with a marker, and keeps all.

What is looked for is every version and every marker under a key, so that a delete ends with nothing, and "nothing" is
what the store says when it is asked again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from common.errors import UnavailableError
from vault.storage import pool

_DELETES_PER_REQUEST = 1000
# A version may be put between the listing and the removal: by a request of ours whose answer was lost.
_ROUNDS = 3


class Versions:
    """The versions of the objects of one bucket."""

    def __init__(self, client: Any, bucket: str, refusals: Callable[[], AbstractContextManager[None]]) -> None:
        self._client = client
        self._bucket = bucket
        self._refusals = refusals

    def find(self, names: Sequence[str]) -> list[dict[str, str]]:
        """Return key and version id of all versions and markers of some objects; each is asked for by itself."""
        found: list[dict[str, str]] = []
        pool.each(lambda name: found.extend(self._of(name)), names)
        return found

    def remove(self, names: Sequence[str]) -> None:
        """Remove all versions and markers of objects; absent ones are no error.

        Raises
        ------
        UnavailableError
            If the store does not remove them, or goes on listing them.
        """
        for _ in range(_ROUNDS):
            found = self.find(names)
            if not found:
                return
            for first in range(0, len(found), _DELETES_PER_REQUEST):
                self._delete(found[first : first + _DELETES_PER_REQUEST])
            names = sorted({version["Key"] for version in found})
        if self.find(names):
            raise UnavailableError("The object store goes on listing what it was told to remove.")

    def _of(self, name: str) -> Iterator[dict[str, str]]:
        with self._refusals():
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=name)
            for page in pages:
                for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if item["Key"] == name:
                        yield {"Key": name, "VersionId": item["VersionId"]}

    def _delete(self, versions: Sequence[dict[str, str]]) -> None:
        with self._refusals():
            answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": versions, "Quiet": True})
        if answer.get("Errors"):
            raise UnavailableError("The object store did not remove what it was told to.")
