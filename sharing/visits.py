"""When images were last looked at from outside, for the clock of retention (inside the open scope)."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max

from sharing.models import GuestSession, PatientSession


def last_openings(study_ids: Iterable[UUID]) -> dict[UUID, dt.date]:
    """Return the day on which a link to each of some studies was last opened; studies without one are absent."""
    opened = GuestSession.objects.filter(link__snapshot__study_id__in=list(study_ids))
    rows = opened.values("link__snapshot__study_id").annotate(at=Max("created_at"))
    wanted = set(study_ids)
    return {
        row["link__snapshot__study_id"]: row["at"].date() for row in rows if row["link__snapshot__study_id"] in wanted
    }


def last_visits(patient_ids: Iterable[UUID]) -> dict[UUID, dt.date]:
    """Return the day on which each of some patients last came in; who never did is absent."""
    visited = PatientSession.objects.filter(access__patient_id__in=list(patient_ids))
    rows = visited.values("access__patient_id").annotate(at=Max("created_at"))
    return {row["access__patient_id"]: row["at"].date() for row in rows}
