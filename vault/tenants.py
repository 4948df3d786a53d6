"""Which tenants there are: upkeep goes through them, each in its own scope."""

from uuid import UUID

from django.apps import apps


def all_ids() -> list[UUID]:
    """List the ids of all tenants."""
    return list(apps.get_model("accounts", "Tenant").objects.order_by("id").values_list("id", flat=True))
