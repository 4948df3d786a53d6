"""What is refused about webhooks."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class HookNotFoundError(NotFoundError):
    code = "hook-not-found"
    title = "There is no such webhook."


class HookTakenError(ConflictError):
    code = "hook-taken"
    title = "This address is told already."


class HookTermsError(InvalidInputError):
    code = "hook-terms"
    title = "This webhook cannot be kept."
