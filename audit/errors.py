"""What the audit log refuses."""

from common.errors import UnavailableError


class SigningKeyError(UnavailableError):
    """Nothing can be signed; events are kept and wait."""

    code = "signing-key-failed"
    title = "The key that signs the audit log is missing, damaged, or another one than before."
