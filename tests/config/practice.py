"""A practice for tests of backups: a deployment in a folder, within the process of the test."""

from dataclasses import dataclass
from pathlib import Path

from accounts.models import Tenant
from vault.recovery import RecoveryKey


@dataclass
class Practice:
    """A deployment in a folder, with its recovery keys."""

    folder: Path
    tenant: Tenant
    recovery_keys: list[RecoveryKey]
