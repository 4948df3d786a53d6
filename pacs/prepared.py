"""Reading what was prepared of a series while another preparation may put something new in its place."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from common.errors import NotFoundError
from vault.errors import ObjectMissingError

T = TypeVar("T")


def read(find: Callable[[], UUID | None], read_object: Callable[[UUID], T]) -> T | None:
    """Read the object that a row names; None where it names none.

    Instances that arrive and corrections prepare a series anew: between the look at its row and the reading of the
    object this one may be replaced and gone. Then the row is read again; what it still names and is gone was lost.

    Raises
    ------
    NotFoundError, ObjectMissingError
        If the row names an object that is not there.
    """
    blob_id = find()
    while blob_id is not None:
        try:
            return read_object(blob_id)
        except (NotFoundError, ObjectMissingError):
            before, blob_id = blob_id, find()
            if blob_id == before:
                raise
    return None
