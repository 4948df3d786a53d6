"""Studies as they really come to be: files made by code, through the intake."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import numpy as np

from common.actor import system_actor
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.dicom.phantom import make_slice, make_uid
from pacs.intake import Batch, Verdict
from pacs.models import Study


def make_dicom(seed: str = "study", number: int = 1, **elements: Any) -> bytes:
    """Make one 16 x 16 CT slice of the study that a seed names; elements override the header by keyword."""
    header: dict[str, Any] = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "Modality": "CT",
        "StudyInstanceUID": make_uid(seed, "study"),
        "SeriesInstanceUID": make_uid(seed, "series"),
        "SOPInstanceUID": make_uid(seed, "instance", number),
        "InstanceNumber": number,
        "ImagePositionPatient": [0.0, 0.0, float(number)],
        "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        "PixelSpacing": [0.5, 0.5],
        "PatientName": "Phantom^Petra",
        "PatientID": f"P-{seed}",
    }
    pixels = np.arange(256, dtype=np.uint16).reshape(16, 16) + number
    return make_slice(**{"pixels": pixels, **header, **elements})


def make_files(seed: str = "study", slices: int = 3, **elements: Any) -> list[bytes]:
    """Make the slices of one small series."""
    return [make_dicom(seed, number, **elements) for number in range(1, slices + 1)]


def store(tenant_id: UUID, files: Iterable[bytes]) -> list[Verdict]:
    """Store files as the portal itself."""
    with Batch(actor=system_actor(tenant_id), source="test") as batch:
        for file in files:
            batch.add([file])
        return batch.commit()


def make_study(
    tenant_id: UUID, seed: str = "study", slices: int = 3, *, prepared: bool = False, **elements: Any
) -> Study:
    """Store a small CT study and return its row; with `prepared` also what the worker makes of it."""
    (uid,) = {verdict.study_instance_uid for verdict in store(tenant_id, make_files(seed, slices, **elements))}
    if prepared:
        outbox.drain([tenant_id])
    with tenant_scope(tenant_id):
        study: Study = Study.objects.get(study_instance_uid=uid, deleted_at=None)
    return study
