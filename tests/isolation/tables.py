"""The tables that hold rows of tenants."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model

# Read before the tenant is known: which tenant a credential belongs to, and nothing else.
_OPEN = frozenset({"Directory"})


def owned_models() -> list[type[Model]]:
    """List every model whose rows belong to a tenant."""
    names = {model: {field.name for field in model._meta.get_fields()} for model in apps.get_models()}
    return [
        model for model, fields in names.items() if fields & {"tenant", "tenant_id"} and model.__name__ not in _OPEN
    ]


def count_rows(model: Any, tenant_id: UUID) -> int:
    """Count the rows of a tenant that can be seen at this moment."""
    return int(model.objects.filter(tenant_id=tenant_id).count())


def tables_with_rows(tenant_id: UUID) -> list[str]:
    """Name the models of which rows of the tenant can be seen."""
    return [model.__name__ for model in owned_models() if count_rows(model, tenant_id)]
