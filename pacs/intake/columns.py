"""From the header of an instance to the few columns that lists are searched and sorted by."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pacs.dicom import json_model
from pacs.dicom.dates import parse_date
from pacs.dicom.names import PersonName
from pacs.identity import Identity
from pacs.models import Instance, Patient, Series, Study

Header = dict[str, Any]
REQUEST_IDS = ("ScheduledProcedureStepID", "RequestedProcedureID")
# A study that answers more requests than this is no honest one.
MAX_REQUESTS = 100
_SPACES = str.maketrans("\t\r\n", "   ")


def text(header: Header, keyword: str, limit: int) -> str:
    """Return the first value as text, cut to the width of its column."""
    return json_model.get_str(header, keyword)[:limit].strip()


def name(header: Header, keyword: str) -> PersonName:
    """Return the first value as a person's name."""
    return PersonName.parse(json_model.get_str(header, keyword))


def whole(header: Header, keyword: str) -> int | None:
    """Return the first value as an integer that the column can hold, else None; what is no whole number is none."""
    try:
        value = float(json_model.get_str(header, keyword))
    except ValueError:
        return None
    return int(value) if value.is_integer() and -(2**31) <= value < 2**31 else None


def date(header: Header, keyword: str) -> dt.date | None:
    """Return a DA value, or None when it is not a date."""
    return parse_date(json_model.get_str(header, keyword))


def patient(identity: Identity, tenant_id: Any, key: str) -> Patient:
    """Return the row of a patient who is not known yet."""
    return Patient(
        tenant_id=tenant_id,
        match_key=key,
        dicom_patient_id=identity.patient_id,
        issuer=identity.issuer,
        name=identity.display_name,
        name_pn=identity.name_pn,
        birth_date=identity.birth_date,
        sex=identity.sex,
    )


def serve_as(row: Study, identity: Identity) -> None:
    """Set the columns by which a study is listed, searched and shown."""
    row.patient_name_pn = identity.name_pn
    row.patient_name = identity.display_name
    row.patient_name_folded = " ".join(identity.name.search_tokens)[:200]
    row.dicom_patient_id = identity.patient_id
    row.issuer_of_patient_id = identity.issuer
    row.patient_birth_date = identity.birth_date
    row.patient_sex = identity.sex


# What `serve_as` sets.
IDENTITY_FIELDS = (
    "patient_name_pn",
    "patient_name",
    "patient_name_folded",
    "dicom_patient_id",
    "issuer_of_patient_id",
    "patient_birth_date",
    "patient_sex",
)


def study(header: Header, tenant_id: Any, uid: str) -> Study:
    """Return the row of a new study; patient and key are set by the caller."""
    row = Study(
        tenant_id=tenant_id,
        study_instance_uid=uid,
        study_date=date(header, "StudyDate"),
        study_time=text(header, "StudyTime", 16),
        study_id=text(header, "StudyID", 64),
        accession_number=text(header, "AccessionNumber", 64),
        description=text(header, "StudyDescription", 200),
        referring_physician_name=name(header, "ReferringPhysicianName").display[:200],
    )
    serve_as(row, Identity.of_header(header))
    return row


def series(header: Header, tenant_id: Any, uid: str) -> Series:
    """Return the row of a new series; its study is set by the caller."""
    requests = json_model.get_items(header, "RequestAttributesSequence") or [{}]
    return Series(
        tenant_id=tenant_id,
        series_instance_uid=uid,
        modality=text(header, "Modality", 16),
        series_number=whole(header, "SeriesNumber"),
        description=text(header, "SeriesDescription", 200),
        body_part_examined=text(header, "BodyPartExamined", 64),
        laterality=text(header, "Laterality", 16) or text(header, "ImageLaterality", 16),
        manufacturer=text(header, "Manufacturer", 120),
        manufacturer_model_name=text(header, "ManufacturerModelName", 120),
        performed_step_start_date=date(header, "PerformedProcedureStepStartDate"),
        performed_step_start_time=text(header, "PerformedProcedureStepStartTime", 16),
        scheduled_step_id=text(requests[0], "ScheduledProcedureStepID", 16),
        requested_procedure_id=text(requests[0], "RequestedProcedureID", 16),
        further_requests=_further_requests(requests[1:MAX_REQUESTS]),
    )


def _further_requests(items: Sequence[Header]) -> str:
    """Return ids of requests as lines; what the standard does not allow in them cannot break one."""
    rows = ([text(item, keyword, 16).translate(_SPACES) for keyword in REQUEST_IDS] for item in items)
    return "".join("\n" + "\t".join(row) for row in rows) + ("\n" if items else "")


def fill_instance(row: Instance, header: Header) -> None:
    """Set the columns of an instance that come from its header."""
    row.instance_number = whole(header, "InstanceNumber")
    row.rows = whole(header, "Rows")
    row.columns = whole(header, "Columns")
