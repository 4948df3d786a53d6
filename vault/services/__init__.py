"""What the vault does: keys for studies, objects sealed under them, their destruction, and the upkeep of the store."""

from vault.services.barrier import change_root, run_barrier, run_barriers
from vault.services.destruction import DoomedKey, queue_destruction, withdraw_destruction
from vault.services.keys import (
    KeysChangedError,
    claim_name,
    create_tenant_keyring,
    key_for,
    key_of,
    keys_for,
    presumed_keys,
    release_name,
    settle_keys,
)
from vault.services.objects import (
    commit,
    commit_objects,
    copy_object,
    copy_staged,
    delete_blobs,
    discard,
    hand_over,
    open_staged,
    seal_small,
    stage,
    sync,
)
from vault.services.replay import Replayed, replay_destructions
from vault.services.scrubbing import Findings, ScrubReport, last_findings, look_for_missing, scrub
from vault.services.upkeep import SweepReport, probe, sweep

__all__ = [
    "DoomedKey",
    "Findings",
    "KeysChangedError",
    "Replayed",
    "ScrubReport",
    "SweepReport",
    "change_root",
    "claim_name",
    "commit",
    "commit_objects",
    "copy_object",
    "copy_staged",
    "create_tenant_keyring",
    "delete_blobs",
    "discard",
    "hand_over",
    "key_for",
    "key_of",
    "keys_for",
    "last_findings",
    "look_for_missing",
    "open_staged",
    "presumed_keys",
    "probe",
    "queue_destruction",
    "release_name",
    "replay_destructions",
    "run_barrier",
    "run_barriers",
    "scrub",
    "seal_small",
    "settle_keys",
    "stage",
    "sweep",
    "sync",
    "withdraw_destruction",
]
