"""Refusals of patients' requests and of the account of disclosures."""

from common.errors import InvalidInputError, NotFoundError


class RequestNotFoundError(NotFoundError):
    code = "request-not-found"
    title = "There is no such request, or it is not yours to see."


class RequestRefusedError(InvalidInputError):
    code = "request-refused"
    title = "This cannot be recorded about the request."
