"""What the viewer needs to know of a study, as one JSON document; its keys are DICOM keywords or our own units."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import access
from common.actor import Actor
from pacs import scenes, selectors
from pacs.models import Series, Study

Json = dict[str, Any]


def intended_use() -> str:
    """Return the line that stands on every image."""
    return _(
        "For reading by qualified persons. Grey values of cone-beam CT are not calibrated. Not a diagnostic device."
    )


def build(*, actor: Actor, study_id: UUID) -> Json:
    """Return the scene of a study that the actor may view (inside the open scope)."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    return {
        "study": _study(study),
        "patient": _patient(study),
        "rights": {"download": access.allows(actor, "study.download")},
        "dicomweb": "/dicom-web",
        "findings_url": _findings_url(actor, study_id),
        "notice": intended_use(),
        "series": [_series(study, series) for series in selectors.list_series_with_scenes(study_id=study_id)],
    }


def _findings_url(actor: Actor, study_id: UUID) -> str | None:
    """Return where a script asks for what networks found: a package above this one answers, and only its readers."""
    sees = actor.grant is None and access.allows(actor, "finding.view")
    return f"/studies/{study_id}/analysis/overlay" if sees else None


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


def _series(study: Study, series: Series) -> Json:
    is_prepared = series.scene is not None and series.prepared_instances == series.number_of_instances
    layout = (series.layout or {}) if is_prepared else {}
    return {
        "id": str(series.id),
        "SeriesInstanceUID": series.series_instance_uid,
        "Modality": series.modality,
        "SeriesNumber": series.series_number,
        "SeriesDescription": series.description,
        "kind": layout.get("kind", "preparing"),
        "warnings": layout.get("warnings", []),
        **(_content(study, series) if is_prepared else {"volume": None, "images": [], "voi_luts": []}),
    }


def _content(study: Study, series: Series) -> Json:
    """Unseal what was prepared of a series, and give its reduced volumes their addresses."""
    scene = scenes.unseal(bytes(series.scene or b""), tenant_id=study.tenant_id, key_id=study.key_id)
    volume = scene["volume"]
    for name, blob_id in (("preview", series.preview_blob_id), ("half", series.half_blob_id)):
        if volume and volume[name] and blob_id:
            # The number changes when the series grows, so that a viewer never mixes an old preview with a new volume.
            volume[name]["url"] = f"/viewer/{study.id}/series/{series.id}/{name}?of={series.prepared_instances}"
    return scene
