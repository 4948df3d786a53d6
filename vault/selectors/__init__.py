"""Reads of the vault: opened objects and sealed columns, whether all is there, and how far destructions are."""

from vault.selectors.custody import Custody, get_custody
from vault.selectors.destructions import (
    Certificate,
    DestructionState,
    get_certificate,
    list_destructions,
)
from vault.selectors.opening import (
    BlobRef,
    Report,
    blob_refs,
    check_objects,
    get_blob_ref,
    open_blob,
    open_object,
    open_small,
    unwrap,
    verify_object,
)
from vault.selectors.stored import StoredObject, active_epoch, keys_in_use, live_objects

__all__ = [
    "BlobRef",
    "Certificate",
    "Custody",
    "DestructionState",
    "Report",
    "StoredObject",
    "active_epoch",
    "blob_refs",
    "check_objects",
    "get_blob_ref",
    "get_certificate",
    "get_custody",
    "keys_in_use",
    "list_destructions",
    "live_objects",
    "open_blob",
    "open_object",
    "open_small",
    "unwrap",
    "verify_object",
]
