"""Writing the audit log, and signing for a tenant."""

from audit.services.recording import (
    ACCESS_SESSION_S,
    FLUSH_FRAMES,
    FLUSH_S,
    AccessSession,
    Detail,
    flush_counts,
    open_access,
    record,
)
from audit.signing import Signer, signer_of, verifies

__all__ = [
    "ACCESS_SESSION_S",
    "FLUSH_FRAMES",
    "FLUSH_S",
    "AccessSession",
    "Detail",
    "Signer",
    "flush_counts",
    "open_access",
    "record",
    "signer_of",
    "verifies",
]
