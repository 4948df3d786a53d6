"""Studies as rows of a list: no files, hence hundreds of them in no time."""

from itertools import count
from uuid import UUID

from common.ids import uuid7
from common.scope import tenant_scope
from pacs.dicom.names import PersonName
from pacs.models import NameToken, Patient, Report, Series, Study

_numbers = count(1)


def make_row(tenant_id: UUID, *, name: str = "Phantom^Petra", **columns: object) -> Study:
    """Create one study with one prepared series; `columns` override those of the study."""
    number = next(_numbers)
    person = PersonName.parse(name)
    with tenant_scope(tenant_id):
        patient = Patient.objects.create(tenant_id=tenant_id, match_key=f"row-{number}", name=person.display)
        values: dict[str, object] = {
            "study_instance_uid": f"2.25.77.{number}",
            "patient_name": person.display,
            "patient_name_folded": " ".join(person.search_tokens),
            "dicom_patient_id": f"ROW-{number}",
            "modalities": "CT",
            "number_of_instances": 3,
            "size_bytes": 1000,
        }
        study: Study = Study.objects.create(
            tenant_id=tenant_id, patient=patient, key_id=uuid7(), **{**values, **columns}
        )
        NameToken.objects.bulk_create(
            NameToken(tenant_id=tenant_id, study=study, token=token) for token in person.search_tokens
        )
        for modality in study.modalities.split():
            make_series_row(study, modality=modality)
    return study


def make_series_row(study: Study, **columns: object) -> Series:
    """Create one prepared series of a study."""
    values: dict[str, object] = {
        "series_instance_uid": f"{study.study_instance_uid}.{next(_numbers)}",
        "modality": "CT",
        "number_of_instances": 3,
        "prepared_instances": 3,
        "scene": b"sealed",
        "metadata_blob_id": uuid7(),
        "thumbnail_blob_id": uuid7(),
    }
    with tenant_scope(study.tenant_id):
        series: Series = Series.objects.create(tenant_id=study.tenant_id, study=study, **{**values, **columns})
    return series


def make_report_row(study: Study, state: str, version: int = 1) -> Report:
    """Create a report of which only the state matters."""
    with tenant_scope(study.tenant_id):
        report: Report = Report.objects.create(
            tenant_id=study.tenant_id,
            study=study,
            version=version,
            state=state,
            author_id=uuid7(),
            author_name="R",
            body=b"",
        )
        Study.objects.filter(id=study.id).update(report_state=state)
    return report
