"""Refusals of signed documents."""

from common.errors import ConflictError, NotFoundError


class DocumentNotFoundError(NotFoundError):
    code = "document-not-found"
    title = "There is no such signed document, or it is not yours to see."


class DocumentDamagedError(ConflictError):
    code = "document-damaged"
    title = (
        "This document is not what was signed: its digest differs. Tell the operator, and restore it from the backup."
    )


class DocumentOvertakenError(ConflictError):
    code = "document-overtaken"
    title = "Somebody else signed this document a moment ago. Look at that one first."
