"""Refusals of backup and restore."""

from common.errors import ConflictError, NotFoundError


class BackupMissingError(NotFoundError):
    code = "backup-not-found"
    title = "There is no such backup in the backup store."


class BackupDamagedError(ConflictError):
    code = "backup-damaged"
    title = "The backup is damaged or incomplete."


class BackupSealedError(ConflictError):
    code = "backup-sealed"
    title = "The backup cannot be opened: it takes the keyring it was made with, or a recovery key."


class DatabaseExistsError(ConflictError):
    code = "database-exists"
    title = "There is a database already. Stop the portal, then restore with --yes to replace it."


class DatabaseInUseError(ConflictError):
    code = "database-in-use"
    title = "A process of the portal still has the database open. Stop all of them, then restore."
