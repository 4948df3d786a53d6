"""A process that is killed between any two steps of a barrier loses nothing and brings nothing back."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Tenant
from common.errors import DomainError
from common.scope import tenant_scope
from tests.hostile.crashing import IN_BARRIER, becomes_true
from tests.vault import dying
from tests.vault.stored import Stored, doom, state_of, store
from vault import keyring, recovery, selectors, services, storage, watch
from vault.models import TenantKek

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("X-01"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


@pytest.fixture
def _recipients(vault_folder: Path, settings: Any) -> None:
    keys = [recovery.RecoveryKey.fresh().recipient for _ in range(2)]
    settings.BITEWING_RECOVERY_RECIPIENTS = ",".join(keys)


def is_lost(study: Stored) -> bool:
    watch.forget()
    try:
        study.read()
    except DomainError:
        return True
    return False


def epochs_of(tenant: Tenant) -> tuple[list[str], list[int]]:
    """Return the states in the database, and the epochs that the keyring has."""
    with tenant_scope(tenant.id):
        rows = list(TenantKek.objects.order_by("epoch").values_list("epoch", "state"))
    held = [epoch for epoch in range(1, rows[-1][0] + 3) if keyring.current().has_epoch(tenant.id, epoch)]
    return [state for _, state in rows], held


def kill_and_resume(tenant: Tenant, mark: str, name: str) -> dict[str, object]:
    """Kill a barrier at a mark, run it again, and tell what can be seen before and after."""
    kept, doomed = store(tenant, f"{name}.1"), store(tenant, f"{name}.2")
    doom(doomed)
    died = dying.dies_at(mark, partial(services.run_barrier, tenant_id=tenant.id))
    kept_before = not is_lost(kept)
    services.run_barrier(tenant_id=tenant.id)
    return {
        "died": died,
        "kept before": kept_before,
        "kept": kept.read() == kept.contents,
        "lost": is_lost(doomed),
        "state": state_of(doomed),
        "objects": [address for address in doomed.addresses if storage.current().size(address)],
        "certified": bool(selectors.get_certificate(tenant_id=tenant.id, key_id=doomed.key_id).signature),
    }


WELL = {
    "died": True,
    "kept before": True,
    "kept": True,
    "lost": True,
    "state": "certified",
    "objects": [],
    "certified": True,
}


@pytest.mark.usefixtures("_recipients")
def test_a_barrier_goes_on_where_it_was_killed(transactional_db: None, vault_folder: Path) -> None:
    tenant = Tenant.objects.create(slug="centre-a", name="Centre A")

    seen = {mark: kill_and_resume(tenant, mark, f"1.{number}") for number, mark in enumerate(IN_BARRIER)}

    assert seen == dict.fromkeys(IN_BARRIER, WELL)
    states, held = epochs_of(tenant)
    assert states == ["destroyed"] * len(IN_BARRIER) + ["active"]
    assert held == [len(states)]


def upload(tenant: Tenant, prefix: str, folder: Path) -> None:
    """Store studies until told to stop, and note each one that was acknowledged."""
    number = 0
    while not (folder / "stop").exists():
        study = store(tenant, f"{prefix}.{number}", sizes=(2000,))
        with (folder / prefix).open("a") as acknowledged:
            acknowledged.write(f"{study.key_id} {next(iter(study.contents))}\n")
        number += 1


def acknowledged(folder: Path, prefix: str) -> list[str]:
    return (folder / prefix).read_text().split() if (folder / prefix).exists() else []


def rounds_beside_ingest(tenant: Tenant, folder: Path, rounds: int) -> list[dict[str, object]]:
    """Kill barriers while another process stores studies."""
    (folder / "stop").unlink(missing_ok=True)
    writer = dying.begin(partial(upload, tenant, "9", folder))
    try:
        assert becomes_true(lambda: bool(acknowledged(folder, "9")))
        seen = [
            kill_and_resume(tenant, IN_BARRIER[number % len(IN_BARRIER)], f"1.{number}") for number in range(rounds)
        ]
    finally:
        (folder / "stop").touch()
        assert dying.end_of(writer) == 0
    return seen


def assert_nothing_acknowledged_is_lost(tenant: Tenant, folder: Path) -> None:
    watch.forget()
    blob_ids = acknowledged(folder, "9")[1::2]
    assert blob_ids
    for blob_id in blob_ids:
        assert selectors.open_object(tenant_id=tenant.id, blob_id=recover_uuid(blob_id)).read(0, 1)


def recover_uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


@pytest.mark.usefixtures("_recipients")
@pytest.mark.parametrize("rounds", [2, pytest.param(200, marks=pytest.mark.soak)])
def test_ingest_goes_on_beside_barriers_that_are_killed(
    transactional_db: None, vault_folder: Path, rounds: int
) -> None:
    tenant = Tenant.objects.create(slug="centre-a", name="Centre A")

    seen = rounds_beside_ingest(tenant, vault_folder, rounds)

    assert seen == [WELL] * rounds
    assert_nothing_acknowledged_is_lost(tenant, vault_folder)
