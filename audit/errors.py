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


class NotWrittenError(UnavailableError):
    """Neither the database nor the spool takes an event, so nothing may be shown."""

    code = "access-not-written"
    title = "Nobody can write down that you look at this, so it is not shown. Tell your administrator."


class SpoolDamagedError(ConflictError):
    """A file of the spool is not what was written."""

    code = "audit-spool-damaged"
    title = "A file with entries of the access log is damaged. It is kept for your administrator."
