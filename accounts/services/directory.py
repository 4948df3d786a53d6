"""Names that lead to a tenant before any scope is open: what is not a secret of its own, as an AE title."""

from uuid import UUID, uuid5

from django.db import transaction

from accounts import selectors, sql
from accounts.models import Directory

_NAMES = UUID("1d2f4ad1-6f44-4a8e-9a55-0b7b4d6f8f10")


def credential_of(kind: str, name: str) -> UUID:
    """Return the id under which a name stands in the directory."""
    return uuid5(_NAMES, f"{kind}:{name}")


def enlist(*, tenant_id: UUID, kind: str, name: str) -> bool:
    """Let a name lead to a tenant, in the caller's transaction; say whether it is nobody else's."""
    credential_id = credential_of(kind, name)
    with transaction.atomic():
        sql.lock_name(credential_id)
        Directory.objects.bulk_create(
            [Directory(credential_id=credential_id, tenant_id=tenant_id)], ignore_conflicts=True
        )
        found = Directory.objects.filter(credential_id=credential_id)
        return set(found.values_list("tenant_id", flat=True)) == {tenant_id}


def strike(*, tenant_id: UUID, kind: str, name: str) -> None:
    """Take a name out of the directory."""
    Directory.objects.filter(credential_id=credential_of(kind, name), tenant_id=tenant_id).delete()


def tenant_of_name(*, kind: str, name: str) -> UUID | None:
    """Return the one active tenant that a name leads to."""
    found = selectors.tenants_of(credential_of(kind, name))
    return found[0] if len(found) == 1 else None
