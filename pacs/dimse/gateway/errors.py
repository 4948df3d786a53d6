"""What stops a gateway."""

from common.errors import InvalidInputError, UnavailableError


class GatewayTermsError(InvalidInputError):
    code = "gateway-terms"
    title = "The gateway cannot be started like this."


class SpoolError(UnavailableError):
    code = "spool-damaged"
    title = "The spool of the gateway cannot be read."
