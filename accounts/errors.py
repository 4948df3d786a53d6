"""Refusals of this package."""

from common.errors import ConflictError, InvalidInputError


class TenantExistsError(ConflictError):
    code = "tenant-exists"
    title = "A tenant of this name exists."


class UnknownTenantError(InvalidInputError):
    code = "unknown-tenant"
    title = "There is no tenant of this slug."


class UnknownScopeError(InvalidInputError):
    code = "unknown-scope"
    title = "There is no scope of this name."


class WrongCodeError(InvalidInputError):
    code = "wrong-code"
    title = "This code is wrong or was used already. Enter the newest code of your authenticator."
