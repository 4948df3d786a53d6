"""What the vault does: keys for studies, objects sealed under them, and the upkeep of the store."""

from vault.services.keys import (
    claim_name,
    confirm_keys,
    create_tenant_keyring,
    key_for,
    key_of,
    release_name,
    settle_keys,
)
from vault.services.objects import (
    commit,
    commit_objects,
    delete_blobs,
    discard,
    open_staged,
    seal_small,
    stage,
    sync,
)
from vault.services.upkeep import SweepReport, probe, sweep

__all__ = [
    "SweepReport",
    "claim_name",
    "commit",
    "commit_objects",
    "confirm_keys",
    "create_tenant_keyring",
    "delete_blobs",
    "discard",
    "key_for",
    "key_of",
    "open_staged",
    "probe",
    "release_name",
    "seal_small",
    "settle_keys",
    "stage",
    "sweep",
    "sync",
]
