"""What is made once, after a series arrived, so that reading it is cheap: metadata, scene, previews, thumbnail."""

import gzip
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from isal import igzip, isal_zlib

from common.crashpoint import crashpoint
from common.errors import DomainError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import headers, pictures, readings, scenes, selectors
from pacs.dicom import luts
from pacs.dicom.geometry import LayoutKind, SeriesLayout, VolumeGeometry, arrange
from pacs.dicom.preview import HalfVolume, Preview, PreviewBuilder
from pacs.dicomweb import metadata
from pacs.events import StudyChanged
from pacs.models import Series
from pacs.overlay import Overlay
from pacs.selectors import InstanceRef
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.writer import StagedObject

Header = dict[str, Any]

# The columns of a series that name objects made here.
_OBJECTS = ("metadata_blob_id", "preview_blob_id", "half_blob_id", "thumbnail_blob_id")


@dataclass(frozen=True, slots=True)
class _Source:
    """A series as it is read for preparation."""

    series: Series
    study_instance_uid: str
    instances: list[InstanceRef]
    content: scenes.Content

    @property
    def overlay(self) -> Overlay | None:
        """The overlay of the study as it was read."""
        return self.series.study.overlay

    def frames(self, layout: SeriesLayout[str]) -> Iterator[tuple[InstanceRef, int] | None]:
        """Yield instance and frame number of each place of a volume; None where a slice is missing."""
        for frame in layout.frames:
            yield (self.content.instances[frame.instance_id], frame.frame_number) if frame else None

    def header(self, instance: InstanceRef) -> Header:
        """Return the header of one instance."""
        return self.content.headers[instance.sop_instance_uid]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What was made of a series: durable objects by their columns, and what is kept in its row."""

    objects: dict[str, StagedObject]
    layout: dict[str, Any]
    scene: dict[str, Any]


def prepare_series(*, tenant_id: UUID, series_id: UUID) -> None:
    """Prepare a series for reading; runs again whenever instances were added, and may run twice."""
    readings.settle(tenant_id=tenant_id, series_id=series_id)
    source = _read(tenant_id, series_id)
    if source is None:
        return
    layout = arrange([(uid, header) for uid, header in source.content.headers.items()])
    key = vault.key_of(tenant_id=tenant_id, key_id=source.instances[0].key_id)
    preview, half, staged_half = _reduce(source, layout, key)
    plain = {
        "metadata_blob_id": igzip.compress(metadata.write_array(source.study_instance_uid, source.instances), mtime=0),
        "preview_blob_id": gzip.compress(preview.data, 4, mtime=0) if preview else b"",
        "thumbnail_blob_id": _thumbnail(source, layout, preview),
    }
    staged = {column: _stage(key, column, data) for column, data in plain.items() if data} | staged_half
    vault.sync(list(staged.values()))
    crashpoint("prepare.stored")
    scene = scenes.make(source.content, layout, preview=preview, half=half)
    _commit(tenant_id, source, key, _Prepared(staged, _layout_json(layout), scene))


def _read(tenant_id: UUID, series_id: UUID) -> _Source | None:
    with tenant_scope(tenant_id):
        series = Series.objects.select_related("study").filter(id=series_id, study__deleted_at=None).first()
        if series is None:
            return None
        instances = selectors.list_instances(study_id=series.study_id, series_instance_uid=series.series_instance_uid)
        found = {instance.sop_instance_uid: headers.unseal(instance) for instance in instances}
    if not instances:
        return None
    content = scenes.Content({instance.sop_instance_uid: instance for instance in instances}, found)
    return _Source(series, series.study.study_instance_uid, instances, content)


def _reduce(
    source: _Source, layout: SeriesLayout[str], key: KeyHandle
) -> tuple[Preview | None, HalfVolume | None, dict[str, StagedObject]]:
    """Make the volume's preview, and the volume of half the resolution straight into the store."""
    volume = layout.volume
    if layout.kind is not LayoutKind.VOLUME or volume is None:
        return None, None, {}
    if not _deserves_half(source, layout, volume):
        return _build_preview(source, layout, volume, None), None, {}
    with vault.stage(key=key, kind=ObjectKind.RENDERED) as writer:
        packer = isal_zlib.compressobj(level=2, wbits=isal_zlib.MAX_WBITS | 16)
        half = HalfVolume(
            columns=volume.columns,
            rows=volume.rows,
            slices=volume.slices,
            sink=lambda data: writer.write(packer.compress(data)),
        )
        preview = _build_preview(source, layout, volume, half)
        if preview is None or not half.holds(preview.value_range):
            return preview, None, {}
        writer.write(packer.flush())
        return preview, half, {"half_blob_id": writer.finish()}


def _deserves_half(source: _Source, layout: SeriesLayout[str], volume: VolumeGeometry) -> bool:
    first = next(frame for frame in layout.frames if frame)
    is_worthwhile = HalfVolume.is_worthwhile(volume.columns, volume.rows, volume.slices)
    return is_worthwhile and luts.has_whole_values(source.content.attributes(first))


def _build_preview(
    source: _Source, layout: SeriesLayout[str], volume: VolumeGeometry, half: HalfVolume | None
) -> Preview | None:
    """Reduce the volume slice by slice."""
    builder = PreviewBuilder(
        columns=volume.columns, rows=volume.rows, slices=volume.slices, spacing_mm=volume.spacing_mm, half=half
    )
    try:
        for index, place in enumerate(source.frames(layout)):
            if place is not None:
                instance, number = place
                builder.add(index, pictures.values_of(instance, number, source.header(instance)))
    except DomainError:
        # A frame that no decoder reads: the series is still listed, downloaded, and shown frame by frame.
        return None
    return builder.finish()


def _thumbnail(source: _Source, layout: SeriesLayout[str], preview: Preview | None) -> bytes:
    if preview is not None and layout.volume is not None:
        return pictures.projection(preview, layout.volume)
    if layout.kind is LayoutKind.DOCUMENT or not layout.frames or layout.frames[0] is None:
        return b""
    first = layout.frames[0]
    instance = source.content.instances[first.instance_id]
    try:
        return pictures.thumbnail(instance, first.frame_number, source.header(instance))
    except DomainError:
        return b""


def _stage(key: KeyHandle, column: str, data: bytes) -> StagedObject:
    kind = ObjectKind.METADATA if column == "metadata_blob_id" else ObjectKind.RENDERED
    writer = vault.stage(key=key, kind=kind)
    writer.write(data)
    return writer.finish()


def _commit(
    tenant_id: UUID,
    source: _Source,
    key: KeyHandle,
    made: _Prepared,
) -> None:
    """Put the prepared objects in place of older ones, unless a run that saw more instances was quicker, or the study
    was given to another patient meanwhile: then another run is on its way.
    """
    with tenant_scope(tenant_id), transaction.atomic():
        row = Series.objects.select_for_update(of=("self",)).select_related("study").filter(id=source.series.id).first()
        if row is None or row.prepared_instances > len(source.instances) or row.study.overlay != source.overlay:
            vault.discard(list(made.objects.values()))
            return
        (settled,) = vault.commit(keys=[key], staged=list(made.objects.values())).values()
        old = [getattr(row, column) for column in _OBJECTS if getattr(row, column)]
        for column in _OBJECTS:
            setattr(row, column, made.objects[column].id if column in made.objects else None)
        row.layout, row.scene = made.layout, scenes.seal(made.scene, key=settled)
        row.prepared_instances = len(source.instances)
        row.save(update_fields=[*_OBJECTS, "layout", "scene", "prepared_instances"])
        vault.delete_blobs(tenant_id=tenant_id, blob_ids=old)
        outbox.publish(StudyChanged(tenant_id=tenant_id, study_id=row.study_id))


def _layout_json(layout: SeriesLayout[str]) -> dict[str, Any]:
    """Return what lists and pages tell of a layout; the viewer's part of it is sealed."""
    return {
        "kind": layout.kind.value,
        "warnings": [str(warning) for warning in layout.warnings],
        "volume": asdict(layout.volume) if layout.volume else None,
    }
