"""What is refused to programs, and about webhooks."""

from common.errors import ConflictError, InvalidInputError, NotFoundError


class ChangesAheadError(ConflictError):
    code = "changes-ahead"
    title = "The portal has not come as far as this number: it was restored from a backup. Ask from 0."


class HookNotFoundError(NotFoundError):
    code = "hook-not-found"
    title = "There is no such webhook."


class HookTakenError(ConflictError):
    code = "hook-taken"
    title = "This address is told already."


class HookTermsError(InvalidInputError):
    code = "hook-terms"
    title = "This webhook cannot be kept."
