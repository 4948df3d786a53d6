"""Refusals of this part."""

from common.errors import ConflictError, NotFoundError


class SnapshotNotFoundError(NotFoundError):
    code = "snapshot-not-found"
    title = "There is no such issued analysis."


class NoAnalysisError(NotFoundError):
    code = "no-analysis"
    title = "There is no risk analysis yet. Begin one, then come back for its document."


class SnapshotDamagedError(ConflictError):
    code = "snapshot-damaged"
    title = "What is stored is not what was issued. Tell the operator, and restore it from the backup."
