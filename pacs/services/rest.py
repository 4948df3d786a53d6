"""The rest of a series that still arrives: what is made of a whole series waits for it, but not for ever."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db.models import Max, Min

from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.intake.announcing import FILMS, SETTLE_S
from pacs.models import Instance, Series

# A line that is so slow that it is still busy after this long shows what there is, whenever that has doubled.
_PATIENCE: Final = dt.timedelta(seconds=30)


def wait_for_rest(*, tenant_id: UUID, series_id: UUID) -> None:
    """Postpone the event that is handled while slices of its series arrive, each within 1.5 s of the one before.

    A volume is prepared once, after its last slice, not of its first half while the sender needs the machine for the
    second. Films do not wait: each is an image of its own.
    """
    moment = now()
    settled_at = _settled_at(tenant_id, series_id, moment)
    if settled_at > moment:
        outbox.postpone(delay_s=(settled_at - moment).total_seconds())


def _settled_at(tenant_id: UUID, series_id: UUID, moment: dt.datetime) -> dt.datetime:
    """Say when the series is to be looked at, if nothing more of it arrives."""
    with tenant_scope(tenant_id):
        series = Series.objects.filter(id=series_id).exclude(modality__in=FILMS)
        counts = series.values_list("number_of_instances", "prepared_instances").first()
        if counts is None:
            return moment
        found = Instance.objects.filter(series_id=series_id).aggregate(
            first=Min("received_at"), last=Max("received_at")
        )
    there, prepared = counts
    first, last = found["first"], found["last"]
    if last is None or (first <= moment - _PATIENCE and there >= 2 * prepared):
        return moment
    settled_at: dt.datetime = last + dt.timedelta(seconds=SETTLE_S)
    return settled_at
