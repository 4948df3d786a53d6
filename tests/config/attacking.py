"""Whoever has all backups, all old objects and every key that is left, and what he can open with them."""

import sqlite3
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from audit import verify_audit
from common.errors import DomainError
from config.backup import sets
from tests.config.practice import Practice
from tests.vault.stored import Stored
from vault import escrow, keyring, storage, watch
from vault.errors import ObjectTamperedError
from vault.keys import EpochKey
from vault.services.removal import copy_address

# More than any of the tests begins.
_EPOCHS: Final = range(1, 10)


def opens(study: Stored) -> bool:
    """Say whether a study opens as the portal opens it, bit by bit as it was stored."""
    watch.forget()
    try:
        return study.read() == study.contents
    except DomainError:
        return False


def keys_left(practice: Practice) -> list[EpochKey]:
    """List every key of an epoch that anybody can still get at: in the keyring, and from the escrow."""
    ring, tenant_id = keyring.current(), practice.tenant.id
    held = [ring.epoch_key(tenant_id, epoch) for epoch in _EPOCHS if ring.has_epoch(tenant_id, epoch)]
    for holder in practice.recovery_keys:
        held += [EpochKey(value) for value in escrow.open_with(holder).keys.values()]
    return held


def stolen_keys(set_id: UUID, into: Path) -> dict[UUID, bytes]:
    """Return every wrapped key that the database of a backup has."""
    made = sets.read(set_id)
    key = sets.key_of(made, recovery_key=None)
    into.write_bytes(b"".join(sets.read_archive(made, made.database, key)))
    return _in_copy(into) if made.engine == "sqlite" else _in_dump(into)


def _in_copy(path: Path) -> dict[UUID, bytes]:
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT id, wrapped FROM vault_studykey WHERE wrapped IS NOT NULL").fetchall()
    return {UUID(name): wrapped for name, wrapped in rows}


def _in_dump(path: Path) -> dict[UUID, bytes]:
    program = Path(settings.BITEWING_POSTGRES_PROGRAMS) / "pg_restore"
    command = [str(program), "--data-only", "--table=vault_studykey", "--file=-", str(path)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    head, _, rest = text.partition("COPY public.vault_studykey (")[2].partition(") FROM stdin;\n")
    columns = head.split(", ")
    rows = [dict(zip(columns, line.split("\t"), strict=True)) for line in rest.partition("\n\\.\n")[0].split("\n")]
    return {UUID(row["id"]): bytes.fromhex(row["wrapped"][3:]) for row in rows if row["wrapped"] != "\\N"}


def attack(practice: Practice, wrapped: dict[UUID, bytes], keys: Iterable[EpochKey]) -> set[UUID]:
    """Try every key, as the key of every epoch, on everything; return what opens."""
    tries = [(key_id, key, epoch) for key in keys for key_id in wrapped for epoch in _EPOCHS]
    return {key_id for key_id, key, epoch in tries if _unwraps(key, wrapped[key_id], practice, key_id, epoch)}


def _unwraps(key: EpochKey, wrapped: bytes, practice: Practice, key_id: UUID, epoch: int) -> bool:
    try:
        key.unwrap(wrapped, tenant_id=practice.tenant.id, key_id=key_id, epoch=epoch)
    except ObjectTamperedError:
        return False
    return True


def verdicts(practice: Practice, studies: Sequence[Stored], *, at: int = 0) -> list[int]:
    """Verify certificates with the stand-alone script; with `at`, a byte of what is signed is changed in each."""
    return [_verdict(practice, study, at) for study in studies]


def _verdict(practice: Practice, study: Stored, at: int) -> int:
    data = bytearray(storage.backups().get(copy_address(practice.tenant.id, study.key_id)) or b"")
    if at:
        place = data.index(str(study.study_ref).encode()) + at
        data[place] = ord("a") if data[place] != ord("a") else ord("b")
    path = practice.folder / "certificate.json"
    path.write_bytes(data)
    return verify_audit.main([str(path)])
