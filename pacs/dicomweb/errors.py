"""Refusals of the DICOMweb services, as statuses of PS3.18 8.5 and the services' own tables."""

from common.errors import DomainError, ForbiddenError, InvalidInputError


class MalformedBodyError(InvalidInputError):
    """The body of a request is not what its Content-Type says."""

    code = "malformed-body"
    title = "The body of the request cannot be read."


class SlowBodyError(InvalidInputError):
    """The body of a request comes too slowly, or stopped coming."""

    code = "slow-body"
    title = "The body of the request did not arrive in time."


class LengthRequiredError(InvalidInputError):
    """Neither a length nor chunks: where the body ends cannot be known."""

    code = "length-required"
    title = "The request needs a Content-Length, or chunks."


class NotAcceptableError(DomainError):
    """No representation fits the Accept header."""

    code = "not-acceptable"
    status = 406
    title = "None of the accepted media types can be given."


class CannotTranscodeError(DomainError):
    """An object cannot be given in the transfer syntax that was asked for."""

    code = "cannot-transcode"
    status = 406
    title = "The object cannot be given in this encoding."


class RangeError(DomainError):
    """A range lies outside of what there is (RFC 9110 14.4)."""

    code = "bad-range"
    status = 416
    title = "The range lies outside of the object."


class CsrfError(ForbiddenError):
    """A browser's session changes something without proof that our own page asked for it."""

    code = "csrf"
    title = "The request did not come from a page of this portal."


class QueryError(InvalidInputError):
    """A search that the standard or this server does not know."""

    code = "bad-query"
    title = "The search is not understood."
