"""Reading what people recorded that they did (inside the tenant's scope)."""

from compliance.models import Activity


def last(kind: Activity.Kind, *, only_successful: bool = True) -> Activity | None:
    """Return the newest record of a kind."""
    rows = Activity.objects.filter(kind=kind)
    if only_successful:
        rows = rows.filter(is_successful=True)
    found: Activity | None = rows.order_by("-performed_date", "-id").first()
    return found
