"""What PostgreSQL itself holds against a mistake in the code above it."""

import threading
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Tenant
from common.actor import system_actor
from common.scope import tenant_scope
from tests.vault.builders import stage
from vault import services, storage
from vault.models import Barrier, TenantKek

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TABLES = ["vault_studykey", "vault_tenantkek", "vault_blob", "vault_barrier", "vault_destruction"]


@pytest.fixture
def tenants(vault_folder: Path) -> tuple[Tenant, Tenant]:
    both = tuple(Tenant.objects.create(slug=slug, name=slug) for slug in ("centre-a", "centre-b"))
    for tenant in both:
        key = services.key_for(tenant_id=tenant.id, name="1.2")
        services.commit(keys=[key], staged=[stage(storage.current(), key, b"content")])
        doomed = services.DoomedKey(key.id, key.id, "rule", "reason")
        services.queue_destruction(actor=system_actor(tenant.id), keys=[doomed])
        with tenant_scope(tenant.id):
            Barrier.objects.create(tenant_id=tenant.id, from_epoch=1, to_epoch=2, survivors=0)
    return both[0], both[1]


def rows_of(table: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tenant_id FROM {table}")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("table", TABLES)
def test_a_statement_without_a_filter_sees_only_the_tenant_of_the_scope(
    tenants: tuple[Tenant, Tenant], table: str
) -> None:
    with tenant_scope(tenants[0].id):
        assert rows_of(table) == [tenants[0].id]


@pytest.mark.parametrize("table", TABLES)
def test_a_statement_outside_any_scope_sees_nothing(tenants: tuple[Tenant, Tenant], table: str) -> None:
    assert rows_of(table) == []


def test_a_barrier_waits_for_a_writer_that_has_settled_its_keys(tenants: tuple[Tenant, Tenant]) -> None:
    """Else a key could be born under an epoch that the barrier destroys in the same moment."""
    refusals: list[str] = []

    def barrier() -> None:
        try:
            with tenant_scope(tenants[0].id):
                list(TenantKek.objects.select_for_update(nowait=True))
        except DatabaseError as error:
            refusals.append(type(error).__name__)
        finally:
            connection.close()

    with tenant_scope(tenants[0].id), transaction.atomic():
        services.settle_keys(tenant_id=tenants[0].id, keys=[services.key_for(tenant_id=tenants[0].id, name="1.3")])
        thread = threading.Thread(target=barrier)
        thread.start()
        thread.join()

    assert refusals == ["OperationalError"]
