"""What this package does when something was announced."""

from inference import services
from inference.events import BatchRequested, BatchRunRequested, RunRequested
from pacs.events import SeriesReceived


def look_at_series(event: SeriesReceived) -> None:
    """Tag what arrived, and ask for the runs that the rules name."""
    tag_ids = services.tag_series(tenant_id=event.tenant_id, series_id=event.series_id)
    services.plan_arrivals(tenant_id=event.tenant_id, tag_ids=tag_ids)


def perform_run(event: RunRequested | BatchRunRequested) -> None:
    """Run a network on its image."""
    services.perform_run(tenant_id=event.tenant_id, run_id=event.run_id)


def plan_batch(event: BatchRequested) -> None:
    """Ask for the runs of the next studies of a batch."""
    services.plan_batch(tenant_id=event.tenant_id, batch_id=event.batch_id, after_id=event.after_id)
