"""Writing the audit log, and signing for a tenant."""

from audit.services.checkpoints import sign_checkpoint, sign_checkpoints
from audit.services.draining import drain_spool
from audit.services.recording import (
    ACCESS_SESSION_S,
    FLUSH_FRAMES,
    FLUSH_S,
    AccessSession,
    Detail,
    Entry,
    flush_counts,
    open_access,
    record,
    record_all,
    tell_void_numbers,
)
from audit.services.sequencing import BATCH, sequence, sequence_everything
from audit.services.verifying import verify_everything, verify_log
from audit.services.witnesses import add_witness, push_checkpoints, push_to_witnesses, remove_witness
from audit.signing import Signer, signer_of, verifies

__all__ = [
    "ACCESS_SESSION_S",
    "BATCH",
    "FLUSH_FRAMES",
    "FLUSH_S",
    "AccessSession",
    "Detail",
    "Entry",
    "Signer",
    "add_witness",
    "drain_spool",
    "flush_counts",
    "open_access",
    "push_checkpoints",
    "push_to_witnesses",
    "record",
    "record_all",
    "remove_witness",
    "sequence",
    "sequence_everything",
    "sign_checkpoint",
    "sign_checkpoints",
    "signer_of",
    "tell_void_numbers",
    "verifies",
    "verify_everything",
    "verify_log",
]
