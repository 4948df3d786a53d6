"""Reads of the vault: opened objects and sealed columns, whether all is there, and how far destructions are."""

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
)

__all__ = [
    "BlobRef",
    "Certificate",
    "DestructionState",
    "Report",
    "blob_refs",
    "check_objects",
    "get_blob_ref",
    "get_certificate",
    "list_destructions",
    "open_blob",
    "open_object",
    "open_small",
    "unwrap",
]
