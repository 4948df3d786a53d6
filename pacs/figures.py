"""Counts and dates of the open tenant's studies and patients, for whoever measures how they are kept."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, Q

from pacs.models import Patient, Refusal, Study


@dataclass(frozen=True, slots=True)
class Patients:
    """How many people have images here, and how many of them have no date of birth."""

    with_images: int
    without_birth_date: int


def patients() -> Patients:
    """Count the patients of the studies that are not in the bin."""
    imaged = Patient.objects.filter(studies__deleted_at=None, studies__isnull=False)
    found = imaged.aggregate(
        with_images=Count("id", distinct=True),
        without=Count("id", distinct=True, filter=Q(birth_date=None)),
    )
    return Patients(found["with_images"], found["without"])


def count_unmatched(*, received_before: dt.datetime) -> int:
    """Count the studies whose patient somebody must decide, received before an instant."""
    waiting = Study.objects.filter(deleted_at=None, received_at__lt=received_before).exclude(conflict="")
    return int(waiting.count())


def oldest_refusal_at() -> dt.datetime | None:
    """Return when the oldest file came that lies in quarantine."""
    found: dt.datetime | None = Refusal.objects.filter(blob_id__isnull=False).aggregate(at=Min("received_at"))["at"]
    return found


def binned_since(moment: dt.datetime) -> set[UUID]:
    """Return the studies that were moved to the bin since an instant and lie there still."""
    return set(Study.objects.filter(deleted_at__gte=moment).values_list("id", flat=True))


def received_since(moment: dt.datetime) -> set[UUID]:
    """Return the studies that were received since an instant."""
    return set(Study.objects.filter(received_at__gte=moment).values_list("id", flat=True))
