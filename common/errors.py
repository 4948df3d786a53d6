"""Foreseen refusals: each has a stable code, an HTTP status and a text that is safe to show."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal that the caller can understand; its text never holds a value of a patient."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request could not be carried out."

    def __init__(self, detail: str = "", **params: object) -> None:
        self.words, self.params = detail, params
        self.detail = self.filled(detail)
        super().__init__(self.detail or self.title)

    @property
    def full_text(self) -> str:
        """Title and detail."""
        return f"{self.title} {self.detail}".strip()

    def filled(self, words: str) -> str:
        """Put what the refusal is about into words: its own detail, or that in another language."""
        return words.format(**self.params) if self.params else words


class InvalidInputError(DomainError):
    code = "invalid-input"
    title = "The request is not understood."


class UnauthenticatedError(DomainError):
    code = "unauthenticated"
    status = 401
    title = "Sign in first."


class ForbiddenError(DomainError):
    code = "forbidden"
    status = 403
    title = "Your role does not allow this."


class StepUpRequiredError(ForbiddenError):
    code = "step-up-required"
    title = "Confirm with your second factor first."


class NotFoundError(DomainError):
    code = "not-found"
    status = 404
    title = "There is nothing here for you."


class ConflictError(DomainError):
    code = "conflict"
    status = 409
    title = "This contradicts what is already stored."


class TooLargeError(DomainError):
    code = "too-large"
    status = 413
    title = "This is larger than the portal accepts."


class UnsupportedMediaTypeError(DomainError):
    code = "unsupported-media-type"
    status = 415
    title = "This kind of content is not accepted here."


class UnavailableError(DomainError):
    code = "unavailable"
    status = 503
    title = "A part of the portal does not answer. Try again in a minute."


class StorageFullError(DomainError):
    code = "storage-full"
    status = 507
    title = "The storage is full. Nothing of this request was kept."
