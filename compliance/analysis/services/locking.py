"""One at a time: who issues an analysis, who writes into it, and who says that it turned stale."""

from compliance.models import Analysis


def lock() -> None:
    """Lock the analyses of the open tenant until the transaction ends."""
    list(Analysis.objects.select_for_update(no_key=True).order_by("id").values_list("id"))
