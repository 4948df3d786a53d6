"""What is made once, after a series arrived, so that reading it is cheap: layout, metadata, preview, thumbnail."""

import gzip
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from isal import igzip

from common.errors import DomainError
from common.scope import tenant_scope
from pacs import headers, pictures, selectors
from pacs.dicom.geometry import LayoutKind, SeriesLayout, arrange
from pacs.dicom.preview import Preview, PreviewBuilder
from pacs.dicomweb import metadata
from pacs.models import Series
from pacs.selectors import InstanceRef
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.writer import StagedObject

Header = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Source:
    """A series as it is read for preparation."""

    series: Series
    study_instance_uid: str
    instances: list[InstanceRef]
    headers: dict[str, Header]

    def frames(self, layout: SeriesLayout[str]) -> Iterator[tuple[InstanceRef, int] | None]:
        """Yield instance and frame number of each place of a volume; None where a slice is missing."""
        by_uid = {instance.sop_instance_uid: instance for instance in self.instances}
        for frame in layout.frames:
            yield (by_uid[frame.instance_id], frame.frame_number) if frame else None


def prepare_series(*, tenant_id: UUID, series_id: UUID) -> None:
    """Prepare a series for reading; runs again whenever instances were added, and may run twice."""
    source = _read(tenant_id, series_id)
    if source is None:
        return
    layout = arrange([(uid, header) for uid, header in source.headers.items()])
    key = vault.key_of(tenant_id=tenant_id, key_id=source.instances[0].key_id)
    preview = _build_preview(source, layout)
    plain = {
        "metadata_blob_id": igzip.compress(metadata.write_array(source.study_instance_uid, source.instances), mtime=0),
        "preview_blob_id": gzip.compress(preview.data, 4, mtime=0) if preview else b"",
        "thumbnail_blob_id": _thumbnail(source, layout, preview),
    }
    staged = {column: _stage(key, column, data) for column, data in plain.items() if data}
    vault.sync(list(staged.values()))
    _commit(tenant_id, source, key, staged, layout_json(layout, preview))


def _read(tenant_id: UUID, series_id: UUID) -> _Source | None:
    with tenant_scope(tenant_id):
        series = Series.objects.select_related("study").filter(id=series_id, study__deleted_at=None).first()
        if series is None:
            return None
        instances = selectors.list_instances(study_id=series.study_id, series_instance_uid=series.series_instance_uid)
        found = {instance.sop_instance_uid: headers.unseal(instance) for instance in instances}
    return _Source(series, series.study.study_instance_uid, instances, found) if instances else None


def _build_preview(source: _Source, layout: SeriesLayout[str]) -> Preview | None:
    """Reduce the volume slice by slice."""
    volume = layout.volume
    if layout.kind is not LayoutKind.VOLUME or volume is None:
        return None
    builder = PreviewBuilder(
        columns=volume.columns, rows=volume.rows, slices=volume.slices, spacing_mm=volume.spacing_mm
    )
    try:
        for index, place in enumerate(source.frames(layout)):
            if place is not None:
                instance, number = place
                builder.add(index, pictures.values_of(instance, number, source.headers[instance.sop_instance_uid]))
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
    instance = next(one for one in source.instances if one.sop_instance_uid == first.instance_id)
    try:
        return pictures.thumbnail(instance, first.frame_number, source.headers[instance.sop_instance_uid])
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
    staged: dict[str, StagedObject],
    layout: dict[str, Any],
) -> None:
    """Put the prepared objects in place of older ones, unless a run that saw more instances was quicker."""
    columns = ("metadata_blob_id", "preview_blob_id", "thumbnail_blob_id")
    with tenant_scope(tenant_id), transaction.atomic():
        row = Series.objects.select_for_update().filter(id=source.series.id).first()
        if row is None or row.prepared_instances > len(source.instances):
            vault.discard(list(staged.values()))
            return
        vault.commit(keys=[key], staged=list(staged.values()))
        old = [getattr(row, column) for column in columns if getattr(row, column)]
        for column in columns:
            setattr(row, column, staged[column].id if column in staged else None)
        row.layout = layout
        row.prepared_instances = len(source.instances)
        row.save(update_fields=[*columns, "layout", "prepared_instances"])
        vault.delete_blobs(tenant_id=tenant_id, blob_ids=old)


def layout_json(layout: SeriesLayout[str], preview: Preview | None) -> dict[str, Any]:
    """Return a layout as it is kept in the row of its series."""
    return {
        "kind": layout.kind.value,
        "frames": [[frame.instance_id, frame.frame_number] if frame else None for frame in layout.frames],
        "others": [[frame.instance_id, frame.frame_number] for frame in layout.others],
        "warnings": [str(warning) for warning in layout.warnings],
        "volume": asdict(layout.volume) if layout.volume else None,
        "preview": _preview_json(preview),
    }


def _preview_json(preview: Preview | None) -> dict[str, Any] | None:
    if preview is None:
        return None
    return {
        "slices": preview.slices,
        "rows": preview.rows,
        "columns": preview.columns,
        "low": preview.low,
        "high": preview.high,
        "range": list(preview.value_range),
        "window": {"center": preview.window.center, "width": preview.window.width},
    }
