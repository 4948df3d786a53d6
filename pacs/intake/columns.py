"""From the header of an instance to the few columns that lists are searched and sorted by."""

import datetime as dt
import re
from typing import Any

from pacs.dicom import json_model
from pacs.dicom.names import PersonName, fold
from pacs.models import Instance, Patient, Series, Study

Header = dict[str, Any]


def text(header: Header, keyword: str, limit: int) -> str:
    """Return the first value as text, cut to the width of its column."""
    return json_model.get_str(header, keyword)[:limit].strip()


def name(header: Header, keyword: str) -> PersonName:
    """Return the first value as a person's name."""
    return PersonName.parse(json_model.get_str(header, keyword))


def whole(header: Header, keyword: str) -> int | None:
    """Return the first value as an integer that the column can hold, else None."""
    try:
        value = int(float(json_model.get_str(header, keyword)))
    except ValueError:
        return None
    return value if -(2**31) <= value < 2**31 else None


def date(header: Header, keyword: str) -> dt.date | None:
    """Return a DA value (PS3.5 6.2; the retired form with dots too), or None when it is not a date."""
    digits = re.sub(r"[.\-]", "", json_model.get_str(header, keyword).strip())[:8]
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def match_key(header: Header, study_instance_uid: str) -> str:
    """Return what makes two studies the same patient's; without a Patient ID nothing is guessed."""
    patient_id = text(header, "PatientID", 64)
    if not patient_id:
        return f"study|{study_instance_uid}"
    return f"pid|{text(header, 'IssuerOfPatientID', 64)}|{patient_id}"


def patient(header: Header, tenant_id: Any, key: str) -> Patient:
    """Return the row of a patient who is not known yet."""
    return Patient(
        tenant_id=tenant_id,
        match_key=key,
        dicom_patient_id=text(header, "PatientID", 64),
        issuer=text(header, "IssuerOfPatientID", 64),
        name=name(header, "PatientName").display[:200],
        birth_date=date(header, "PatientBirthDate"),
        sex=text(header, "PatientSex", 16),
    )


def study(header: Header, tenant_id: Any, uid: str) -> Study:
    """Return the row of a new study; patient and key are set by the caller."""
    patient_name = name(header, "PatientName")
    return Study(
        tenant_id=tenant_id,
        study_instance_uid=uid,
        study_date=date(header, "StudyDate"),
        study_time=text(header, "StudyTime", 16),
        study_id=text(header, "StudyID", 64),
        accession_number=text(header, "AccessionNumber", 64),
        description=text(header, "StudyDescription", 200),
        referring_physician_name=name(header, "ReferringPhysicianName").display[:200],
        patient_name_pn=str(patient_name)[:400],
        patient_name=patient_name.display[:200],
        patient_name_folded=" ".join(patient_name.search_tokens)[:200],
        dicom_patient_id=text(header, "PatientID", 64),
        issuer_of_patient_id=text(header, "IssuerOfPatientID", 64),
        patient_birth_date=date(header, "PatientBirthDate"),
        patient_sex=text(header, "PatientSex", 16),
    )


def series(header: Header, tenant_id: Any, uid: str) -> Series:
    """Return the row of a new series; its study is set by the caller."""
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
    )


def fill_instance(row: Instance, header: Header) -> None:
    """Set the columns of an instance that come from its header."""
    row.instance_number = whole(header, "InstanceNumber")
    row.rows = whole(header, "Rows")
    row.columns = whole(header, "Columns")


def differs(known: Patient, header: Header) -> bool:
    """Say whether the header describes someone else than the patient of the same id: another birth date or name."""
    born = date(header, "PatientBirthDate")
    if known.birth_date and born and known.birth_date != born:
        return True
    mine = set(name(header, "PatientName").search_tokens)
    theirs = set(fold(known.name).split())
    return bool(mine and theirs) and not (mine <= theirs or theirs <= mine)
