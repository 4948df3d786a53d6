"""Refusals of this part."""

from common.errors import InvalidInputError, NotFoundError


class ActivityRefusedError(InvalidInputError):
    code = "activity-refused"
    title = "This cannot be recorded."


class ProbeNotFoundError(NotFoundError):
    code = "probe-not-found"
    title = "There is no such measurement."
