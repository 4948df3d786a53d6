"""Tagging: what arrived is looked at, given its words, and offered to the rules (BR-05, BR-06, BR-39)."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import system_actor
from common.errors import DomainError
from common.scope import tenant_scope
from inference import children
from inference.models import ImageTag, StudyTag
from inference.networks import completeness, tags
from inference.networks.tagging import tell
from pacs import readings, sources
from pacs.readings import Image, SeriesImages

_MAX_DEVICE: Final = 250
COMPLETE, INCOMPLETE = "series_complete", "series_incomplete"


def tag_series(*, tenant_id: UUID, series_id: UUID) -> list[UUID]:
    """Tag the films of a series, or its volume; return the ids of the tags. Runs again when more has come."""
    readings.settle(tenant_id=tenant_id, series_id=series_id)
    with tenant_scope(tenant_id):
        series = readings.read_series(series_id)
        if series is None:
            return []
        rows = _volume_tag(tenant_id, series) if series.volume else _film_tags(tenant_id, series)
    with tenant_scope(tenant_id), transaction.atomic():
        known = ImageTag.objects.filter(series_id=series_id)
        kept = {(tag.instance_id, bytes(tag.input_sha256)): tag for tag in known}
        fresh = [row for row in rows if (row.instance_id, row.input_sha256) not in kept]
        known.filter(instance_id=None, id__in=[tag.id for tag in kept.values()]).exclude(
            input_sha256__in=[row.input_sha256 for row in rows]
        ).delete()
        ImageTag.objects.bulk_create(fresh, ignore_conflicts=True)
        tag_study(tenant_id, series.study_id)
        return list(ImageTag.objects.filter(series_id=series_id).values_list("id", flat=True))


def _film_tags(tenant_id: UUID, series: SeriesImages) -> list[ImageTag]:
    known = set(ImageTag.objects.filter(series_id=series.id).values_list("instance_id", flat=True))
    return [_tag(tenant_id, series, image) for image in series.images if image.id not in known]


def _volume_tag(tenant_id: UUID, series: SeriesImages) -> list[ImageTag]:
    return [_tag(tenant_id, series, None)]


def _tag(tenant_id: UUID, series: SeriesImages, image: Image | None) -> ImageTag:
    first = image or series.images[0]
    words = f"{series.description} {series.study_description}"
    shown = tell(first.header, words=words, is_volume=image is None)
    source = sources.read_source(first.header)
    # Quality is told of what is recognised: a stray slice of a scanner is not decoded for it.
    flags, is_readable = _quality(image) if image and shown.kind else ([], True)
    return ImageTag(
        tenant_id=tenant_id,
        study_id=series.study_id,
        series_id=series.id,
        instance_id=image.id if image else None,
        kind=shown.kind.value if shown.kind else "",
        told_by=shown.told_by,
        laterality=shown.laterality,
        teeth=shown.teeth,
        flags=flags,
        is_readable=is_readable,
        modality=series.modality,
        body_part=source.body_part,
        device=f"{source.manufacturer} {source.model_name} {source.station_name}".strip()[:_MAX_DEVICE],
        site=source.institution_name,
        procedure=source.procedure,
        input_sha256=image.sha256 if image else series.sha256,
    )


def _quality(image: Image) -> tuple[list[str], bool]:
    """Ask a child about the pixels; what no decoder reads is said to be unreadable, and stays as it is."""
    try:
        parameters, data = image.frame()
        return list(children.ask_plain("quality_job", data, parameters)["flags"]), True
    except DomainError:
        return [], False


def tag_study(tenant_id: UUID, study_id: UUID) -> None:
    """Give a study the words of its images, and say whether the series is what was ordered."""
    images = list(ImageTag.objects.filter(study_id=study_id))
    words = {
        tag
        for image in images
        for tag in tags.of_image(image.kind, laterality=image.laterality, teeth=image.teeth, flags=image.flags)
    }
    _replace(tenant_id, study_id, words, StudyTag.Source.IMAGE)
    _check_series(tenant_id, study_id, images)


def _check_series(tenant_id: UUID, study_id: UUID, images: list[ImageTag]) -> None:
    ordered = " ".join(sorted({image.procedure for image in images if image.procedure}))
    found = completeness.check(ordered, [image.kind for image in images])
    words = set() if found is None else {COMPLETE if found.is_complete else INCOMPLETE}
    before = set(
        StudyTag.objects.filter(study_id=study_id, source=StudyTag.Source.SERIES).values_list("tag", flat=True)
    )
    _replace(tenant_id, study_id, words, StudyTag.Source.SERIES)
    if found is not None and words != before:
        audit.record(
            actor=system_actor(tenant_id),
            action="study.series-checked",
            study_id=study_id,
            detail={
                "procedure": found.procedure,
                "missing": [f"{count} {kind}" for kind, count in found.missing.items()],
            },
        )


def _replace(tenant_id: UUID, study_id: UUID, words: Iterable[str], source: str) -> None:
    wanted = set(words)
    StudyTag.objects.filter(study_id=study_id, source=source).exclude(tag__in=wanted).delete()
    rows = [StudyTag(tenant_id=tenant_id, study_id=study_id, tag=word, source=source) for word in sorted(wanted)]
    StudyTag.objects.bulk_create(rows, ignore_conflicts=True)
