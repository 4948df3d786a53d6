"""Who holds which key of a tenant, and whether it answers."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from common.scope import tenant_scope
from vault import keyring
from vault.models import Destruction, StudyKey, TenantKek


@dataclass(frozen=True, slots=True)
class Custody:
    """Who can make everything of a tenant unreadable, and how its keys stand.

    Parameters
    ----------
    holder
        `deployment`, or the kind of the tenant's own root: `kms`, `pkcs11`, `file`, `credential`.
    name
        What of the root key's URL tells one from another: an ARN, a label; never a path or a PIN.
    answers
        Whether the root key opens the active epoch at this moment.
    epoch, since
        Number of the active epoch, and when it began; None where nothing was ever stored.
    destroyed_epochs, keys, destroyed_keys, waiting_keys
        How many epochs were destroyed, how many keys there are, were destroyed, and wait for their destruction.
    """

    holder: str
    name: str
    answers: bool
    epoch: int | None
    since: dt.datetime | None
    destroyed_epochs: int
    keys: int
    destroyed_keys: int
    waiting_keys: int


def get_custody(*, tenant_id: UUID) -> Custody:
    """Return who holds the keys of a tenant, asking the root key anew."""
    with tenant_scope(tenant_id):
        epochs = TenantKek.objects.filter(tenant_id=tenant_id)
        active = epochs.filter(state=TenantKek.State.ACTIVE).first()
        destroyed_epochs = epochs.filter(state=TenantKek.State.DESTROYED).count()
        keys = StudyKey.objects.filter(tenant_id=tenant_id)
        living, dead = keys.filter(wrapped__isnull=False).count(), keys.filter(wrapped=None).count()
        queued = Destruction.objects.filter(tenant_id=tenant_id, state=Destruction.State.QUEUED).count()
    root = active.root if active else ""
    return Custody(
        holder=root.partition(":")[0] or "deployment",
        name=_name_of(root),
        answers=active is None or keyring.current().answers(tenant_id, active.epoch),
        epoch=active.epoch if active else None,
        since=active.created_at if active else None,
        destroyed_epochs=destroyed_epochs,
        keys=living,
        destroyed_keys=dead,
        waiting_keys=queued,
    )


def _name_of(root: str) -> str:
    scheme, _, rest = root.partition(":")
    if scheme == "kms":
        return rest
    return rest.partition("?")[0] if scheme == "pkcs11" else ""
