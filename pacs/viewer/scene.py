"""What the viewer needs to know of a study, as one JSON document; its keys are DICOM keywords or our own units."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import access
from common.actor import Actor
from pacs import headers, selectors
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.json_model import Attributes, get_number, get_numbers, get_str, get_strings
from pacs.dicom.planes import orientation_of, planar_spacing
from pacs.models import Series, Study
from pacs.selectors import InstanceRef

Json = dict[str, Any]

# A volume of thousands of slices is one entry each; single images beyond this are a mistake of the layout.
MAX_IMAGES = 2000


def intended_use() -> str:
    """Return the line that stands on every image."""
    return _(
        "For reading by qualified persons. Grey values of cone-beam CT are not calibrated. Not a diagnostic device."
    )


def build(*, actor: Actor, study_id: UUID) -> Json:
    """Return the scene of a study that the actor may view (inside the open scope)."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    instances: dict[UUID, list[InstanceRef]] = {}
    for instance in selectors.list_instances(study_id=study_id):
        instances.setdefault(instance.series_id, []).append(instance)
    return {
        "study": _study(study),
        "patient": _patient(study),
        "rights": {"download": access.allows(actor, "study.download")},
        "dicomweb": "/dicom-web",
        "notice": intended_use(),
        "series": [
            _series(study, series, instances.get(series.id, [])) for series in selectors.list_series(study_id=study_id)
        ],
    }


def _study(study: Study) -> Json:
    return {
        "id": str(study.id),
        "StudyInstanceUID": study.study_instance_uid,
        "StudyDate": study.study_date.isoformat() if study.study_date else "",
        "StudyDescription": study.description,
        "AccessionNumber": study.accession_number,
    }


def _patient(study: Study) -> Json:
    return {
        "name": study.patient_name,
        "id": study.dicom_patient_id,
        "birth_date": study.patient_birth_date.isoformat() if study.patient_birth_date else "",
        "sex": study.patient_sex,
    }


def _series(study: Study, series: Series, instances: list[InstanceRef]) -> Json:
    layout = series.layout or {}
    by_uid = {instance.sop_instance_uid: instance for instance in instances}
    is_current = series.prepared_instances == series.number_of_instances
    kind = layout.get("kind", "volume") if is_current else "preparing"
    shown = layout.get("others", []) if kind == "volume" else layout.get("frames", [])
    return {
        "id": str(series.id),
        "SeriesInstanceUID": series.series_instance_uid,
        "Modality": series.modality,
        "SeriesNumber": series.series_number,
        "SeriesDescription": series.description,
        "kind": kind,
        "warnings": layout.get("warnings", []),
        "volume": _volume(study, series, layout, by_uid) if kind == "volume" else None,
        "images": [_image(by_uid[uid], frame) for uid, frame in shown[:MAX_IMAGES] if uid in by_uid],
    }


def _volume(study: Study, series: Series, layout: Json, by_uid: dict[str, InstanceRef]) -> Json | None:
    if layout.get("volume") is None:
        return None
    first = next(place for place in layout["frames"] if place)
    attributes = frame_attributes(headers.unseal(by_uid[first[0]]), first[1])
    preview = layout.get("preview")
    return {
        **layout["volume"],
        "slope": _number(attributes, "RescaleSlope", 1.0),
        "intercept": _number(attributes, "RescaleIntercept", 0.0),
        "bits_allocated": int(_number(attributes, "BitsAllocated", 16)),
        "is_signed": bool(_number(attributes, "PixelRepresentation", 0)),
        "frame_of_reference_uid": get_str(attributes, "FrameOfReferenceUID"),
        "window": preview["window"] if preview else None,
        "range": preview["range"] if preview else None,
        "preview": _preview(study, series, preview) if preview and series.preview_blob_id else None,
        "frames": [f"{place[0]}/frames/{place[1]}" if place else None for place in layout["frames"]],
    }


def _preview(study: Study, series: Series, preview: Json) -> Json:
    sizes = {name: preview[name] for name in ("columns", "rows", "slices", "low", "high")}
    # The number changes when the series grows, so that a viewer never mixes an old preview with a new volume.
    url = f"/viewer/{study.id}/series/{series.id}/preview?of={series.prepared_instances}"
    return {"url": url, **sizes}


def _image(instance: InstanceRef, frame: int) -> Json:
    attributes = frame_attributes(headers.unseal(instance), frame)
    spacing = planar_spacing(attributes)
    orientation = orientation_of(attributes)
    return {
        "SOPInstanceUID": instance.sop_instance_uid,
        "frame": frame,
        "Rows": instance.rows,
        "Columns": instance.columns,
        "PhotometricInterpretation": get_str(attributes, "PhotometricInterpretation"),
        "BitsAllocated": int(_number(attributes, "BitsAllocated", 8)),
        "BitsStored": int(_number(attributes, "BitsStored", 8)),
        "PixelRepresentation": int(_number(attributes, "PixelRepresentation", 0)),
        "SamplesPerPixel": int(_number(attributes, "SamplesPerPixel", 1)),
        "slope": _number(attributes, "RescaleSlope", 1.0),
        "intercept": _number(attributes, "RescaleIntercept", 0.0),
        "window": _window(attributes),
        "voi_function": get_str(attributes, "VOILUTFunction") or "LINEAR",
        "voi_lut": None,
        "spacing_mm": None if spacing.kind == "none" else [spacing.columns_mm, spacing.rows_mm],
        "spacing_kind": str(spacing.kind),
        "spacing_note": spacing.note,
        "orientation": {"row": orientation.row, "column": orientation.column} if orientation else None,
        "PatientOrientation": get_strings(attributes, "PatientOrientation"),
        "InstanceNumber": instance.instance_number,
    }


def _window(attributes: Attributes) -> Json | None:
    centers, widths = get_numbers(attributes, "WindowCenter"), get_numbers(attributes, "WindowWidth")
    return {"center": centers[0], "width": widths[0]} if centers and widths and widths[0] > 0 else None


def _number(attributes: Attributes, keyword: str, default: float) -> float:
    value = get_number(attributes, keyword)
    return default if value is None else value
