"""The one raw statement of the vault."""

from uuid import UUID

from django.db import connection

from vault.models import TenantKek


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
