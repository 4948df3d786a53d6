"""Refusals of incidents."""

from common.errors import InvalidInputError, NotFoundError


class IncidentNotFoundError(NotFoundError):
    code = "incident-not-found"
    title = "There is no such incident or report, or it is not yours to see."


class IncidentRefusedError(InvalidInputError):
    code = "incident-refused"
    title = "This cannot be recorded about the incident."
