"""What the audit log refuses."""

from common.errors import ConflictError, InvalidInputError, UnavailableError


class SigningKeyError(UnavailableError):
    """Nothing can be signed; events are kept and wait."""

    code = "signing-key-failed"
    title = "The key that signs the audit log is missing, damaged, or another one than before."


class LogDamagedError(ConflictError):
    """The rows contradict each other, or what was signed about them."""

    code = "log-damaged"
    title = "The audit log is not what was signed. Tell your compliance officer: do not repair it."


class NotCheckpointedError(ConflictError):
    """A line is too young for a proof."""

    code = "not-checkpointed"
    title = "This line is not in a signed checkpoint yet. Try again in two minutes."


class WitnessRefusedError(InvalidInputError):
    """A witness cannot be named."""

    code = "witness-refused"
    title = "This witness cannot be named."
