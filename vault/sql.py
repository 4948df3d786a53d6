"""The raw statements of the vault: what Django cannot say, and what is asked once for each study that arrives."""

from uuid import UUID

from django.db import connection

from vault.models import StudyKey, TenantKek

KeyRow = tuple[UUID, str, str | None, int, bytes | None]


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


def find_key(tenant_id: UUID, kind: str, name: str) -> KeyRow | None:
    """Return (id, kind, name, epoch, wrapped) of the key of a name.

    A queryset costs five times what the database does here, and a request may bring fifty studies.
    """
    id_field = StudyKey._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, name, epoch, wrapped FROM vault_studykey"
            " WHERE tenant_id = %s AND kind = %s AND name = %s",
            [id_field.get_db_prep_value(tenant_id, connection), kind, name],
        )
        row = cursor.fetchone()
    return (id_field.to_python(row[0]), *row[1:]) if row else None
