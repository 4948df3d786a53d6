"""Refusals of policies, training and sanctions."""

from common.errors import InvalidInputError, NotFoundError


class PolicyNotFoundError(NotFoundError):
    code = "policy-not-found"
    title = "There is no such policy or version, or it is not yours to see."


class PolicyRefusedError(InvalidInputError):
    code = "policy-refused"
    title = "This cannot be recorded."
