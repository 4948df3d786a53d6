"""Refusals of this part."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class SpecificationNotFoundError(NotFoundError):
    code = "specification-not-found"
    title = "There is no addressable specification of this id."


class DecisionRefusedError(InvalidInputError):
    code = "decision-refused"
    title = "This decision cannot be recorded."


class TaskNotFoundError(NotFoundError):
    code = "task-not-found"
    title = "There is no such task."


class TaskRefusedError(InvalidInputError):
    code = "task-refused"
    title = "This cannot be done with the task."


class TaskChangedError(ConflictError):
    code = "task-changed"
    title = "Somebody else changed this task in the meantime. Look at it as it is now, then decide again."


class FourEyesError(InvalidInputError):
    code = "four-eyes"
    title = "Whoever did the work cannot verify it. Ask somebody else to look at it."


class FeedNotFoundError(NotFoundError):
    code = "feed-not-found"
    title = "There is no calendar here."
