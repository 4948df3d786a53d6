"""Refusals of vendors and agreements."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class VendorNotFoundError(NotFoundError):
    code = "vendor-not-found"
    title = "There is no such vendor or agreement, or it is not yours to see."


class VendorRefusedError(InvalidInputError):
    code = "vendor-refused"
    title = "This cannot be recorded about the vendor."


class AgreementSettledError(ConflictError):
    code = "agreement-settled"
    title = "This agreement is signed or ended, and stays as it is. Draft the next one instead."
