"""Refusals of this package."""

from common.errors import ForbiddenError, InvalidInputError, NotFoundError, UnavailableError


class LinkClosedError(NotFoundError):
    """One answer for an unknown link and a wrong secret; `reason` is told only to who has the right one."""

    code = "link-closed"
    title = "This link cannot be opened. It may be incomplete, expired, ended or used up. Ask the sender for a new one."

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class CodeRefusedError(InvalidInputError):
    """One answer for a code that is wrong, old, used, tried too often, or typed in another browser."""

    code = "code-refused"
    title = "This code is not valid. Enter the newest code, in the browser that asked for it, within 10 minutes."


class CodeNotSentError(UnavailableError):
    code = "code-not-sent"
    title = "The code could not be sent. Try again in a minute."


class TermsRefusedError(InvalidInputError):
    code = "terms-refused"
    title = "A link cannot be made on these terms."


class LinkNotFoundError(NotFoundError):
    code = "link-not-found"
    title = "There is no such link, or it is not yours to see."


class DownloadLimitError(ForbiddenError):
    code = "download-limit"
    title = "This link allows no further download. Ask the sender for a new one."


class PrintedCodeRefusedError(InvalidInputError):
    """One answer for a printed code that is wrong, old, used, locked or withdrawn."""

    code = "printed-code-refused"
    title = "This code is not valid. It works once, within 72 hours of printing. Ask the practice for a new one."


class VisitEndedError(NotFoundError):
    code = "visit-ended"
    title = "You are not signed in, or your time is over. Enter with a code of your practice."


class AccessNotFoundError(NotFoundError):
    code = "access-not-found"
    title = "There is no such access of a patient, or it is not yours to see."


class PasskeyRefusedError(InvalidInputError):
    """One answer for a passkey that is unknown, wrong, or of an access that ended."""

    code = "passkey-refused"
    title = "This passkey does not open anything here. Enter with a code of your practice."
