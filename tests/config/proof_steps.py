"""The two halves of the proof of X-01 on servers, each done inside of a portal: between them its database is lost."""

import datetime as dt
import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import time_machine

from accounts import selectors as accounts
from config.backup import creating, restoring, sets
from tests.config.attacking import attack, keys_left, opens, stolen_keys, verdicts
from tests.config.practice import Practice
from tests.servers import s3
from tests.vault.stored import Stored, doom, store
from vault import selectors, storage
from vault import services as vault
from vault.recovery import RecoveryKey
from vault.storage.port import Storage

_SMALL = (40_000, 7)


@dataclass
class Kept:
    """What the attacker and the judge remember from before the loss."""

    doomed: list[Stored]
    kept: list[Stored]
    doomed_keys: dict[UUID, bytes]
    backup: UUID


def destroy(slug: str, folder: Path, studies: int, destroyed: int) -> str:
    """Store studies, back them up, destroy some, and put the object store of yesterday in the place of today's."""
    practice = _practice(slug, folder)
    tenant = practice.tenant
    stored = [store(tenant, f"1.2.{number}", sizes=_SMALL) for number in range(studies)]
    creating.create()
    (backup,) = sets.list_ids()
    yesterday = _photograph(storage.current())
    in_backup = stolen_keys(backup, folder / "stolen.dump")
    doomed_keys = {study.key_id: in_backup[study.key_id] for study in stored[:destroyed]}
    before = attack(practice, doomed_keys, keys_left(practice))
    doom(*stored[:destroyed])
    vault.run_barrier(tenant_id=tenant.id)
    _develop(storage.current(), yesterday)
    kept = Kept(stored[:destroyed], stored[destroyed:], doomed_keys, backup)
    (folder / "kept.pickle").write_bytes(pickle.dumps(kept))
    return json.dumps({"objects": len(yesterday), "opened_before": len(before)})


def judge(slug: str, folder: Path) -> str:
    """Restore the backup and say what opens, now and when all that may hold old keys has expired."""
    remembered: Kept = pickle.loads((folder / "kept.pickle").read_bytes())
    told = restoring.restore(set_id=remembered.backup, recovery_key=None, is_confirmed=True)
    practice, doomed = _practice(slug, folder), remembered.doomed
    opened = [sum(map(opens, studies)) for studies in (doomed, remembered.kept)]
    (until,) = {one.irrecoverable_after for one in selectors.list_destructions(tenant_id=practice.tenant.id)}
    assert until is not None
    with s3.at_its_own_time(), time_machine.travel(until + dt.timedelta(seconds=1)):
        vault.run_barriers()
        after = attack(practice, remembered.doomed_keys, keys_left(practice))
        states = {one.state for one in selectors.list_destructions(tenant_id=practice.tenant.id)}
    seen = {
        "restored": told[-1],
        "opened": opened,
        "opened_after": len(after),
        "states": sorted(states),
        "genuine": verdicts(practice, doomed),
        "changed": [verdict for at in (1, 30) for verdict in verdicts(practice, doomed, at=at)],
    }
    return json.dumps(seen)


def _practice(slug: str, folder: Path) -> Practice:
    tenant = accounts.get_tenant(slug=slug)
    assert tenant is not None
    return Practice(folder, tenant, [RecoveryKey.read(path) for path in sorted(folder.glob("*.recovery"))])


def _photograph(store: Storage) -> dict[str, bytes]:
    return {entry.key: _bytes_of(store, entry.key, entry.size_bytes) for entry in store.entries()}


def _bytes_of(store: Storage, key: str, size: int) -> bytes:
    content = bytearray(size)
    with store.open(key, 0, size) as source:
        filled = 0
        while read := source.readinto(memoryview(content)[filled:]):
            filled += read
    return bytes(content)


def _develop(store: Storage, picture: dict[str, bytes]) -> None:
    """Put objects back as whoever copied the bucket would."""
    store.delete([entry.key for entry in store.entries()])
    for key, content in picture.items():
        sink = store.create(key)
        sink.write(content)
        sink.close()
    store.sync(list(picture))
