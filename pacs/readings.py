"""Images as an analysis reads them: the headers of a series, the bytes of a frame, the values of a volume."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from common.scope import tenant_scope
from pacs import headers, pictures
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.geometry import LayoutKind, VolumeGeometry, arrange
from pacs.dicom.json_model import Attributes, tag_of
from pacs.dicom.rendering import display_attributes
from pacs.dicomweb import pixels, stored
from pacs.models import Series
from pacs.selectors import InstanceRef, list_instances

FloatArray = npt.NDArray[np.float32]
_PIXEL_DATA = tag_of("PixelData")


@dataclass(frozen=True, slots=True)
class Image:
    """One stored instance with frames, its header in clear; read it inside the scope that it was found in."""

    instance: InstanceRef
    header: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> UUID:
        return self.instance.id

    @property
    def sha256(self) -> bytes:
        """The digest of the stored object."""
        return self.instance.sha256

    def frame(self) -> tuple[dict[str, Any], bytes]:
        """Return the first frame as it is stored, and what decoding it needs: nothing of that is about the patient."""
        attributes = pixels.with_tables(self.instance, frame_attributes(self.header, 1))
        parameters = {
            "attributes": display_attributes(attributes),
            "transfer_syntax_uid": self.instance.transfer_syntax_uid,
            "vr": str(self.header.get(_PIXEL_DATA, {}).get("vr", "OW")),
        }
        return parameters, b"".join(stored.frame_blocks(self.instance, 1))


@dataclass(frozen=True, slots=True)
class Volume:
    """The slices of a series that form a volume."""

    geometry: VolumeGeometry
    slices: tuple[tuple[InstanceRef, int] | None, ...] = field(repr=False)
    headers: dict[str, Attributes] = field(repr=False)

    def values(self) -> Iterator[FloatArray]:
        """Yield each slice (rows, columns) after slope and intercept; a missing one as its neighbour before."""
        last = np.zeros((self.geometry.rows, self.geometry.columns), dtype=np.float32)
        for place in self.slices:
            if place is not None:
                instance, number = place
                last = pictures.values_of(instance, number, self.headers[instance.sop_instance_uid])
            yield last


@dataclass(frozen=True, slots=True)
class SeriesImages:
    """A series as analyses see it."""

    id: UUID
    study_id: UUID
    key_id: UUID
    modality: str
    description: str
    study_description: str
    images: tuple[Image, ...]
    volume: Volume | None

    @property
    def sha256(self) -> bytes:
        """One digest of all its objects, in whatever order they came."""
        return hashlib.sha256(b"".join(sorted(image.sha256 for image in self.images))).digest()


def settle(*, tenant_id: UUID, series_id: UUID) -> None:
    """Wait until whoever stores into a series at this moment has committed.

    Their event may have been left out because one was waiting. That one is being delivered now: what it stands for has
    to be seen, and storing holds the row of the series from before it announces until the commit (PostgreSQL; on SQLite
    there is one writer at a time).
    """
    with tenant_scope(tenant_id):
        Series.objects.select_for_update(of=("self",)).filter(id=series_id).values_list("id").first()


def read_series(series_id: UUID) -> SeriesImages | None:
    """Return the images of a series of the open tenant; None when it is gone, binned, or holds no image."""
    series = Series.objects.select_related("study").filter(id=series_id, study__deleted_at=None).first()
    if series is None:
        return None
    refs = list_instances(study_id=series.study_id, series_instance_uid=series.series_instance_uid)
    images = tuple(Image(ref, headers.unseal(ref)) for ref in refs if ref.frame_index is not None)
    if not images:
        return None
    return SeriesImages(
        id=series.id,
        study_id=series.study_id,
        key_id=series.study.key_id,
        modality=series.modality,
        description=series.description,
        study_description=series.study.description,
        images=images,
        volume=_volume(images),
    )


def series_of_study(study_id: UUID) -> list[UUID]:
    """List the series of a study of the open tenant that is not in the bin."""
    return list(Series.objects.filter(study_id=study_id, study__deleted_at=None).values_list("id", flat=True))


def _volume(images: tuple[Image, ...]) -> Volume | None:
    layout = arrange([(image.instance.sop_instance_uid, image.header) for image in images])
    if layout.kind is not LayoutKind.VOLUME or layout.volume is None:
        return None
    instances = {image.instance.sop_instance_uid: image.instance for image in images}
    places = [(instances[frame.instance_id], frame.frame_number) if frame else None for frame in layout.frames]
    return Volume(
        geometry=layout.volume,
        slices=tuple(places[: layout.volume.slices]),
        headers={image.instance.sop_instance_uid: image.header for image in images},
    )
