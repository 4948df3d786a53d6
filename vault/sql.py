"""The raw statements of the vault."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from vault.models import StudyKey, TenantKek


def lock_active_epoch(tenant_id: UUID) -> int | None:
    """Return the active epoch and hold it until the transaction ends, beside other writers.

    A barrier takes the row FOR UPDATE, so that no key is born under an epoch that it has just destroyed. Django has no
    FOR SHARE; on SQLite the IMMEDIATE transaction of the caller does the same.
    """
    if connection.vendor != "postgresql":
        row = TenantKek.objects.filter(tenant_id=tenant_id, state=TenantKek.State.ACTIVE).values_list("epoch").first()
        return row[0] if row else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT epoch FROM vault_tenantkek WHERE tenant_id = %s AND state = 'active' FOR SHARE", [tenant_id]
        )
        found = cursor.fetchone()
    return int(found[0]) if found else None


def live_keys(tenant_id: UUID, key_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Return the names of those keys that were not destroyed, by id: asked for each slice that arrives."""
    pk = StudyKey._meta.pk
    marks = ", ".join(["%s"] * len(key_ids))
    values = [pk.get_db_prep_value(value, connection) for value in (tenant_id, *key_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, name FROM vault_studykey WHERE tenant_id = %s AND id IN ({marks}) AND wrapped IS NOT NULL",  # noqa: S608  marks only
            values,
        )
        return {pk.to_python(key_id): name for key_id, name in cursor.fetchall()}
