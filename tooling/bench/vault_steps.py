"""The steps of `tooling.bench.vault`, each done inside of a portal; prints figures as JSON."""

import datetime as dt
import json
import secrets
import time
from collections.abc import Callable
from uuid import UUID

import time_machine

from accounts import services as accounts
from common.actor import system_actor
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from config.backup import creating, restoring
from vault import keyring, services, storage
from vault.keys import DataKey
from vault.models import StudyKey
from vault.objects import ObjectKind

_OBJECT = 1 << 20
_PER_STUDY = 50
_ROWS = 5000
_DOOMED = 100


def fill(slug: str, megabytes: int) -> None:
    """Store so many objects of one megabyte."""
    tenant_id = accounts.tenant_id_of_slug(slug)
    content = secrets.token_bytes(_OBJECT)
    for first in range(0, megabytes, _PER_STUDY):
        key = services.key_for(tenant_id=tenant_id, name=f"1.2.{first}")
        staged = []
        for _ in range(min(_PER_STUDY, megabytes - first)):
            with services.stage(key=key, kind=ObjectKind.DICOM) as writer:
                writer.write(content)
                staged.append(writer.finish())
        services.sync(staged)
        services.commit(keys=[key], staged=staged)


def scrub(_slug: str, megabytes: int) -> None:
    """Read, verify and hash everything."""
    with time_machine.travel(now() + dt.timedelta(days=26)):
        _tell("scrub, MB/s", megabytes, lambda: services.scrub(budget_s=3600))


def backup(_slug: str, megabytes: int) -> None:
    """Copy everything."""
    _tell("backup, MB/s", megabytes, creating.create)


def restore(_slug: str, megabytes: int) -> None:
    """Lose all objects and the database, and bring them back."""
    store = storage.current()
    store.delete([entry.key for entry in store.entries()])
    work = lambda: restoring.restore(set_id=None, recovery_key=None, is_confirmed=True)  # noqa: E731  one word for it
    _tell("restore, MB/s", megabytes, work)


def barrier(slug: str, keys: int) -> None:
    """End an epoch that wraps so many keys, of which a few are doomed."""
    tenant_id = accounts.tenant_id_of_slug(slug)
    ids = _make_keys(tenant_id, keys)
    doomed = [services.DoomedKey(key_id, uuid7(), "bench", "bench") for key_id in ids[:_DOOMED]]
    services.queue_destruction(actor=system_actor(tenant_id), keys=doomed)
    started = time.perf_counter()
    services.run_barrier(tenant_id=tenant_id)
    took = time.perf_counter() - started
    _print(
        {
            f"keys wrapped anew (and {_DOOMED} destroyed)": keys - _DOOMED,
            "barrier, s": took,
            "barrier, keys/s": keys / took,
        }
    )


def _make_keys(tenant_id: UUID, count: int) -> list[UUID]:
    epoch = keyring.current().epoch_key(tenant_id, 1)
    ids = [uuid7() for _ in range(count)]
    with tenant_scope(tenant_id):
        for first in range(0, count, _ROWS):
            part = ids[first : first + _ROWS]
            pairs = [(key_id, DataKey.fresh()) for key_id in part]
            rows = [
                StudyKey(
                    id=key_id,
                    tenant_id=tenant_id,
                    epoch=1,
                    kcv=key.check_value,
                    wrapped=epoch.wrap(key, tenant_id=tenant_id, key_id=key_id, epoch=1),
                )
                for key_id, key in pairs
            ]
            StudyKey.objects.bulk_create(rows)
    return ids


def _tell(name: str, megabytes: int, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    _print({name: megabytes * _OBJECT / 1e6 / (time.perf_counter() - started)})


def _print(figures: dict[str, float]) -> None:
    print(json.dumps(figures))
