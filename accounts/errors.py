"""Refusals of this package."""

from common.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, StepUpRequiredError


class TenantExistsError(ConflictError):
    code = "tenant-exists"
    title = "A tenant of this name exists."


class UnknownTenantError(InvalidInputError):
    code = "unknown-tenant"
    title = "There is no tenant of this slug."


class UnknownScopeError(InvalidInputError):
    code = "unknown-scope"
    title = "There is no scope of this name."


class TokenTermsError(InvalidInputError):
    code = "token-terms"
    title = "A token lasts from 1 to 365 days, and its networks are written like 192.0.2.0/24."


class TokenNotFoundError(NotFoundError):
    code = "token-not-found"
    title = "There is no such token."


class WrongCodeError(InvalidInputError):
    code = "wrong-code"
    title = "This code is wrong or was used already. Enter the newest code of your authenticator."


class WrongPasswordError(InvalidInputError):
    code = "wrong-password"
    title = "This is not your present password."


class FreshFactorError(StepUpRequiredError):
    """`is_carried`: what was filled in may be kept in the page that asks for the code."""

    code = "fresh-factor-required"
    title = "Confirm with your second factor first."

    def __init__(self, detail: str = "", *, is_carried: bool = True) -> None:
        super().__init__(detail)
        self.is_carried = is_carried


class ResetClosedError(NotFoundError):
    """One answer for an unknown, wrong, used and expired link."""

    code = "reset-closed"
    title = "This link sets no password any more. Ask for a new one on the sign-in page."


class InvitationClosedError(NotFoundError):
    """One answer for an unknown, wrong, used, withdrawn and expired invitation."""

    code = "invitation-closed"
    title = "This invitation cannot be accepted any more. Ask whoever invited you for a new one."


class InvitationNotFoundError(NotFoundError):
    code = "invitation-not-found"
    title = "There is no such invitation."


class InvitationLimitError(ConflictError):
    code = "invitation-limit"
    title = "This invitation was mailed too often. Take it back, check the address, and make a new one."


class AlreadyMemberError(ConflictError):
    code = "already-member"
    title = "This address belongs to a member already."


class MemberNotFoundError(NotFoundError):
    code = "member-not-found"
    title = "There is no such member."


class OwnAccountError(ForbiddenError):
    code = "own-account"
    title = "Another administrator has to change your own roles, so that nobody locks himself out."


class OwnersOnlyError(ForbiddenError):
    code = "owners-only"
    title = "Only an owner gives or takes the role of an owner."


class LastOwnerError(ConflictError):
    code = "last-owner"
    title = "The last owner stays: make another one first."


class NoRoleError(InvalidInputError):
    code = "no-role"
    title = "Choose at least one role."


class SessionNotFoundError(NotFoundError):
    code = "session-not-found"
    title = "There is no such session of yours."


class SiteExistsError(ConflictError):
    code = "site-exists"
    title = "A site of this name exists."


class SiteNotFoundError(NotFoundError):
    code = "site-not-found"
    title = "There is no such site."


class ReferrerExistsError(ConflictError):
    code = "referrer-exists"
    title = "This address is in the address book already."


class ReferrerNotFoundError(NotFoundError):
    code = "referrer-not-found"
    title = "There is no such entry in the address book."


class ColourError(InvalidInputError):
    code = "brand-colour"
    title = "This colour cannot be read on the pages of the portal. Choose a darker one."


class LogoError(InvalidInputError):
    code = "brand-logo"
    title = "The logo must be a PNG or JPEG of at most 512 kB and 2,000 pixels a side."


class EmergencyNotFoundError(NotFoundError):
    code = "emergency-not-found"
    title = "There is no such emergency access."


class EmergencyReasonError(InvalidInputError):
    code = "emergency-reason"
    title = "Give the reason in at least ten characters: it is read by the compliance officer."
