"""Scenes of series: what the viewer needs of their headers, made once when a series is prepared, sealed in its row."""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

from pacs.dicom import luts
from pacs.dicom.errors import ImageAttributeError
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.geometry import FrameRef, LayoutKind, SeriesLayout
from pacs.dicom.json_model import Attributes, get_items, get_number, get_str, get_strings
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.planes import orientation_of, planar_spacing
from pacs.dicom.preview import HalfVolume, Preview
from pacs.dicomweb import pixels
from pacs.selectors import InstanceRef
from vault import selectors as vault
from vault import services as vault_services
from vault.keys_of_studies import KeyHandle

Json = dict[str, Any]
Header = dict[str, Any]

LABEL: Final = "scene"
# A volume of thousands of slices is one entry each; single images beyond this are a mistake of the layout.
MAX_IMAGES: Final = 2000
# Of all VOI LUTs of a series: sixteen of the longest.
MAX_TABLE_ENTRIES: Final = 1 << 20
# The place of a table beyond that.
_LEFT_OUT: Final = -1


@dataclass(frozen=True, slots=True)
class Content:
    """The instances of a series and their headers, by SOP Instance UID."""

    instances: Mapping[str, InstanceRef]
    headers: Mapping[str, Header]

    def attributes(self, frame: FrameRef[str]) -> Attributes:
        """Return the attributes of one frame."""
        return frame_attributes(self.headers[frame.instance_id], frame.frame_number)


def make(
    content: Content, layout: SeriesLayout[str], *, preview: Preview | None = None, half: HalfVolume | None = None
) -> Json:
    """Return the part of a study's scene that a series is, without addresses; keys are keywords or our own units."""
    tables = _Tables()
    single = layout.others if layout.kind is LayoutKind.VOLUME else layout.frames
    images = [_image(content, frame, tables) for frame in single[:MAX_IMAGES] if frame]
    return {"volume": _volume(content, layout, preview, half), "images": images, "voi_luts": tables.found}


def seal(scene: Json, *, key: KeyHandle) -> bytes:
    """Return a scene as it lies in the row of its series, under the settled key of its study."""
    return vault_services.seal_small(key=key, label=LABEL, data=zlib.compress(orjson.dumps(scene), 1))


def unseal(sealed: bytes, *, tenant_id: UUID, key_id: UUID) -> Json:
    """Return a scene that was sealed."""
    text = zlib.decompress(vault.open_small(tenant_id=tenant_id, key_id=key_id, label=LABEL, sealed=sealed))
    scene: Json = orjson.loads(text)
    return scene


# --- volumes ----------------------------------------------------------------------------------------------------------


def _volume(
    content: Content, layout: SeriesLayout[str], preview: Preview | None, half: HalfVolume | None
) -> Json | None:
    first = next((frame for frame in layout.frames if frame), None)
    if layout.volume is None or first is None:
        return None
    attributes = content.attributes(first)
    slope, intercept = luts.rescale_of(attributes)
    return {
        **asdict(layout.volume),
        "slope": slope,
        "intercept": intercept,
        "bits_allocated": int(get_number(attributes, "BitsAllocated") or 16),
        "bits_stored": int(get_number(attributes, "BitsStored") or get_number(attributes, "BitsAllocated") or 16),
        "is_signed": get_number(attributes, "PixelRepresentation") == 1,
        "frame_of_reference_uid": get_str(attributes, "FrameOfReferenceUID"),
        "window": _window(preview.window) if preview else None,
        "range": list(preview.value_range) if preview else None,
        "preview": _size(preview) | {"low": preview.low, "high": preview.high} if preview else None,
        "half": _size(half) if half else None,
        "frames": [f"{place.instance_id}/frames/{place.frame_number}" if place else None for place in layout.frames],
    }


def _size(reduced: Preview | HalfVolume) -> Json:
    return {"columns": reduced.columns, "rows": reduced.rows, "slices": reduced.slices}


# --- single images ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Tables:
    """The VOI LUTs of a series, each once: the frames of a multi-frame image mostly share theirs."""

    found: list[Json] = field(default_factory=list)
    entries: int = 0

    def index_of(self, instance: InstanceRef, attributes: Attributes) -> int | None:
        """Return the place of an image's first VOI LUT (0028,3010), or that it is left out; None if it has none."""
        if not get_items(attributes, "VOILUTSequence"):
            return None
        table = next(iter(luts.voi_tables_of(pixels.with_tables(instance, attributes))), None)
        if table is None:
            return None
        entry = {"first": table.first, "bits": table.bits, "data": table.entries.tolist()}
        if entry not in self.found:
            if self.entries + len(table.entries) > MAX_TABLE_ENTRIES:
                return _LEFT_OUT
            self.found.append(entry)
            self.entries += len(table.entries)
        return self.found.index(entry)


def _image(content: Content, frame: FrameRef[str], tables: _Tables) -> Json:
    instance, attributes = content.instances[frame.instance_id], content.attributes(frame)
    spacing, orientation = planar_spacing(attributes), orientation_of(attributes)
    window = luts.presentation_window(attributes)
    slope, intercept = luts.rescale_of(attributes)
    table = tables.index_of(instance, attributes)
    return {
        "SOPInstanceUID": instance.sop_instance_uid,
        "frame": frame.frame_number,
        "InstanceNumber": instance.instance_number,
        "Rows": instance.rows,
        "Columns": instance.columns,
        "BitsAllocated": int(get_number(attributes, "BitsAllocated") or 8),
        "BitsStored": int(get_number(attributes, "BitsStored") or 8),
        "PixelRepresentation": int(get_number(attributes, "PixelRepresentation") or 0),
        "PixelPaddingValue": get_number(attributes, "PixelPaddingValue"),
        "is_raw_grey": _is_raw_grey(attributes) and table != _LEFT_OUT,
        "is_inverse": luts.is_inverse(attributes),
        "slope": slope,
        "intercept": intercept,
        "window": _window(window) if window else None,
        "voi_function": window.function if window else luts.VoiFunction.LINEAR,
        "voi_lut": None if table == _LEFT_OUT else table,
        "spacing_mm": None if spacing.kind == "none" else [spacing.columns_mm, spacing.rows_mm],
        "spacing_kind": spacing.kind,
        "spacing_note": spacing.note,
        "orientation": {"row": orientation.row, "column": orientation.column} if orientation else None,
        "PatientOrientation": get_strings(attributes, "PatientOrientation"),
    }


def _window(window: luts.Window) -> Json:
    return {"center": window.center, "width": window.width}


def _is_raw_grey(attributes: Attributes) -> bool:
    """Say whether a viewer can show the stored values itself; the others come rendered (PS3.18 10.4.1.1.3)."""
    try:
        image = PixelFormat.of(attributes)
    except ImageAttributeError:
        return False
    is_plain = image.bits_allocated in {8, 16} and not image.is_float and image.high_bit == image.bits_stored - 1
    is_grey = image.samples == 1 and image.photometric_interpretation.startswith("MONOCHROME")
    return is_plain and is_grey and not get_items(attributes, "ModalityLUTSequence")
