"""Refusals of this package."""

from common.errors import ConflictError, DomainError, NotFoundError


class StudyNotFoundError(NotFoundError):
    code = "study-not-found"
    title = "There is no such study, or it is not yours to see."


class NotPreparedError(DomainError):
    code = "not-prepared"
    status = 404
    title = "This is being prepared. Try again in a few seconds."


class StudyHeldError(ConflictError):
    code = "study-held"
    title = "The patient of this study is in doubt. Decide that first."


class AlreadyStoredAgainError(ConflictError):
    code = "stored-again"
    title = "The same study was stored again after it was deleted. Delete that copy first."


class ReportSignedError(ConflictError):
    code = "report-signed"
    title = "A signed report cannot be changed. Write a new version."
