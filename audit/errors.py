"""What the audit log refuses."""

from common.errors import UnavailableError


class SigningKeyError(UnavailableError):
    code = "signing-key-failed"
    title = "The key that signs the audit log is missing, damaged, or another one than before."
