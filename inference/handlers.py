"""What this package does when something was announced."""

from inference import services
from inference.events import BatchRequested, BatchRunRequested, RunRequested
from pacs import services as pacs
from pacs.events import SeriesMoved, SeriesReceived


def look_at_series(event: SeriesReceived) -> None:
    """Tag what arrived, when all of it has, and ask for the runs that the rules name."""
    pacs.wait_for_rest(tenant_id=event.tenant_id, series_id=event.series_id)
    tag_ids = services.tag_series(tenant_id=event.tenant_id, series_id=event.series_id)
    services.plan_arrivals(tenant_id=event.tenant_id, tag_ids=tag_ids)


def follow_series(event: SeriesMoved) -> None:
    """Take along what was said of a series that was given to another study."""
    services.follow_series(
        tenant_id=event.tenant_id, series_id=event.series_id, study_id=event.study_id, former_id=event.former_id
    )


def perform_run(event: RunRequested | BatchRunRequested) -> None:
    """Run a network on its image."""
    services.perform_run(tenant_id=event.tenant_id, run_id=event.run_id)


def plan_batch(event: BatchRequested) -> None:
    """Ask for the runs of the next studies of a batch."""
    services.plan_batch(tenant_id=event.tenant_id, batch_id=event.batch_id, after_id=event.after_id)
