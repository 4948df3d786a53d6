"""What this package does when something was announced."""

from outbox import services as outbox
from pacs import services
from pacs.appointments import services as appointments
from pacs.changes import marking, telling
from pacs.events import HookDue, ReportSigned, SeriesMoved, SeriesReceived, StudyChanged, StudyDestroyed


def prepare_series(event: SeriesReceived) -> None:
    """Make what reading the series needs, when it has arrived."""
    services.wait_for_rest(tenant_id=event.tenant_id, series_id=event.series_id)
    services.prepare_series(tenant_id=event.tenant_id, series_id=event.series_id)


def match_series(event: SeriesReceived) -> None:
    """Find the appointment that the study of a series came of."""
    appointments.match_series(tenant_id=event.tenant_id, series_id=event.series_id)


def mark_change(event: StudyChanged | ReportSigned | StudyDestroyed) -> None:
    """Put a study at the end of what changed."""
    marking.mark(tenant_id=event.tenant_id, study_id=event.study_id)


def mark_move(event: SeriesMoved) -> None:
    """Put both studies of a series that moved at the end of what changed."""
    for study_id in (event.former_id, event.study_id):
        marking.mark(tenant_id=event.tenant_id, study_id=study_id)


def tell_hook(event: HookDue) -> None:
    """Send a webhook what changed; what it does not take is sent again later."""
    wait_s = telling.tell(tenant_id=event.tenant_id, hook_id=event.hook_id)
    if wait_s:
        outbox.postpone(delay_s=wait_s)
