"""Refusals of the vault; none of them says more than which object or key it is about."""

from common.errors import DomainError


class ObjectMissingError(DomainError):
    """The store does not have an object that the database knows."""

    code = "object-missing"
    status = 503
    title = "A stored object cannot be found. The operator has to restore it."


class ObjectTamperedError(DomainError):
    """The bytes in the store are not those that were sealed."""

    code = "object-tampered"
    status = 503
    title = "A stored object is damaged or was changed. Nothing of it was released."


class KeyDestroyedError(DomainError):
    """The key was destroyed, or its epoch was: what it sealed is gone for good."""

    code = "key-destroyed"
    status = 410
    title = "This was destroyed on purpose and cannot be read again."


class KeyringError(DomainError):
    """The keyring or the root key cannot be used; an operator has to act."""

    code = "keyring-unusable"
    status = 503
    title = "The keyring cannot be used."


class DestructionBegunError(DomainError):
    """The barrier was quicker: what the key sealed cannot be brought back."""

    code = "destruction-begun"
    status = 409
    title = "It is too late: the destruction has begun and cannot be stopped."


class KeyWithdrawnError(KeyringError):
    """The tenant's own root key cannot be used: its owner took it away, or it cannot be reached."""

    code = "key-withdrawn"
    status = 503
    title = "The key of your organisation is withdrawn or cannot be reached. Nothing can be read until it is back."


class RecoveryKeyError(DomainError):
    """A recovery key is malformed, missing or another one."""

    code = "recovery-key-refused"
    status = 400
    title = "The recovery key cannot be used."


class BarrierRefusedError(DomainError):
    """The barrier found what it must not find, and destroyed nothing."""

    code = "barrier-refused"
    status = 503
    title = "The destruction stopped before it began: an operator has to act."


class ManifestError(DomainError):
    """The manifest of keys cannot be used."""

    code = "manifest-unusable"
    status = 503
    title = "The manifest of keys in the backup store cannot be used."
