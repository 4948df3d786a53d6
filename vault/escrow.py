"""The escrow of the keyring: the keys of all live epochs, sealed to the recovery recipients, in the backup store.

Each barrier replaces it, so that it never holds an epoch for longer than until the next look of the hourly job after
its end. Copies that an operator makes of the backup store are to be kept for seven days at most: that sets from when on
a destroyed study is beyond recovery for everybody.

Keys under a tenant's own root are kept as they are, wrapped: whoever recovers needs that root.
"""

import base64
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from audit import services as audit
from common.clock import now
from common.ids import NIL, uuid7
from common.scope import tenant_scope
from vault import exclusive, keyring, recovery, storage, tenants
from vault.errors import ObjectTamperedError
from vault.models import TenantKek
from vault.recovery import RecoveryKey

KEPT = dt.timedelta(days=7)
# Which escrow is valid, what it covers, and which ones are to be removed: in clear, so that no recovery key is needed.
LABEL = "escrow/label.json"
_FIRST = 1
Epoch = tuple[UUID, int]


@dataclass(frozen=True, slots=True)
class Contents:
    """What an escrow holds.

    Parameters
    ----------
    keys
        Keys of epochs under the root of the deployment.
    files
        Files of the keyring as they are: epochs under roots of tenants, and keys that sign.
    """

    made_at: dt.datetime
    keys: dict[Epoch, bytes]
    files: dict[str, bytes]


def is_arranged() -> bool:
    """Say whether there are recovery recipients, or were: copies of the backup store may have what was theirs."""
    return bool(recovery.recipients()) or storage.backups().get(LABEL) is not None


def covers_epoch(tenant_id: UUID, epoch: int | None) -> bool:
    """Say whether the escrow has the key of an epoch."""
    covers = _read_label()["covers"]
    return bool(covers) and f"{tenant_id}/{epoch}" in covers["epochs"]


def refresh(*, without: Collection[Epoch] = (), is_forced: bool = False) -> bool:
    """Replace the escrow if the live epochs or the recipients are others than those that it was made for.

    Where there are no recipients any more, the escrow of former ones goes with the first epoch that is destroyed.

    Parameters
    ----------
    without
        Epochs that are about to be destroyed.

    Returns
    -------
    bool
        Whether it was replaced; never where there are no recipients.

    Raises
    ------
    UnavailableError
        If another process goes on replacing it, or a store does not answer.
    """
    to = recovery.recipients()
    if not to and not without:
        return False
    with exclusive.escrow():
        return _replace(to, without, is_forced=is_forced) if to else _remove_former()


def _replace(to: list[bytes], without: Collection[Epoch], *, is_forced: bool) -> bool:
    live = [epoch for epoch in _live_epochs() if epoch not in without]
    covers = {"epochs": [f"{tenant}/{epoch}" for tenant, epoch in live], "to": [key.hex() for key in to]}
    label = _read_label()
    if not is_forced and not label["stale"] and label["covers"] == covers:
        return False
    address = f"escrow/{uuid7()}"
    # Noted before it is written: what a crash leaves is removed at the next turn.
    _write_label({**label, "stale": [*label["stale"], address]})
    storage.backups().put(address, recovery.seal(orjson.dumps(_collect(live)), to), is_replacing=False)
    _settle(address, covers, former=_addresses(label))
    return True


def _remove_former() -> bool:
    former = _addresses(_read_label())
    if former:
        _settle(None, None, former=former)
    return False


def _settle(address: str | None, covers: dict[str, list[str]] | None, *, former: list[str]) -> None:
    """Let one escrow be valid, or none, and remove those before it."""
    _write_label({"current": address, "covers": covers, "stale": former})
    storage.backups().delete(former)
    _write_label({"current": address, "covers": covers, "stale": []})


def _addresses(label: dict[str, Any]) -> list[str]:
    return [*label["stale"], *([label["current"]] if label["current"] else [])]


def _read_label() -> dict[str, Any]:
    data = storage.backups().get(LABEL)
    found: dict[str, Any] = orjson.loads(data) if data else {"current": None, "covers": None, "stale": []}
    return found


def _write_label(label: dict[str, Any]) -> None:
    storage.backups().put(LABEL, orjson.dumps(label), is_replacing=True)


def open_with(key: RecoveryKey) -> Contents:
    """Open the escrow of the backup store.

    Raises
    ------
    ObjectTamperedError, RecoveryKeyError
        If there is none, it was changed, or is for other recipients.
    """
    address = _read_label()["current"]
    sealed = storage.backups().get(address) if address else None
    if sealed is None:
        raise ObjectTamperedError("The backup store has no escrow.")
    held = orjson.loads(key.open(sealed))
    return Contents(
        made_at=dt.datetime.fromisoformat(held["made_at"]),
        keys={_epoch(name): base64.b64decode(value) for name, value in held["keys"].items()},
        files={name: base64.b64decode(value) for name, value in held["files"].items()},
    )


def put_back(contents: Contents) -> None:
    """Write what an escrow holds into the keyring; what is there stays as it is."""
    ring = keyring.current()
    for (tenant_id, epoch), value in contents.keys.items():
        ring.import_epoch(tenant_id, epoch, value)
    for name, data in contents.files.items():
        ring.store.put(name, data, is_replacing=False)
    ring.forget()


def _live_epochs() -> list[Epoch]:
    """List the epochs that wrap something; of one that ends just now the key may be gone already."""
    ring = keyring.current()
    found: list[Epoch] = [(NIL, _FIRST)]
    for tenant_id in tenants.all_ids():
        with tenant_scope(tenant_id):
            rows = list(TenantKek.objects.exclude(state=TenantKek.State.DESTROYED).values_list("epoch", "state"))
        found += [
            (tenant_id, epoch)
            for epoch, state in sorted(rows)
            if state == TenantKek.State.ACTIVE or ring.has_epoch(tenant_id, epoch)
        ]
    return found


def _collect(live: list[Epoch]) -> dict[str, object]:
    ring = keyring.current()
    ring.create_epoch(NIL, _FIRST)
    keys, files = {}, {}
    for tenant_id, epoch in live:
        sealed = ring.sealed_epoch(tenant_id, epoch)
        if sealed.root:
            files[f"{tenant_id}/{epoch}.kek"] = _text(sealed.pack())
        else:
            keys[f"{tenant_id}/{epoch}"] = _text(ring.epoch_key(tenant_id, epoch).reveal())
    for tenant_id in {tenant_id for tenant_id, _ in live}:
        # Made now where nothing was signed yet: a log that is restored goes on under the same key.
        audit.signer_of(tenant_id=tenant_id)
        name = f"signing/{tenant_id}.json"
        if signing := ring.store.get(name):
            files[name] = _text(signing)
    return {"made_at": now().isoformat(), "keys": keys, "files": files}


def _epoch(name: str) -> Epoch:
    tenant_id, _, epoch = name.partition("/")
    return UUID(tenant_id), int(epoch)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
