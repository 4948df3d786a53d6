"""What a search returns and matches by (PS3.18 tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any

from pacs.dicom.dictionary import tag_of, vr_of
from pacs.dicomweb import matching
from pacs.dicomweb.matching import Matcher
from pacs.intake.columns import REQUEST_IDS

Attribute = dict[str, Any]


class Level(IntEnum):
    """What a search is for."""

    STUDY = 0
    SERIES = 1
    INSTANCE = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute that lies in a column.

    Attributes
    ----------
    level
        Whose row it is.
    name
        Of the column.
    matcher
        How it is matched; None where it is only returned.
    is_optional
        Returned only when ``includefield`` asks for it.
    sequence
        The keyword of the sequence in whose item it stands, if it stands in one.
    tag, vr
        The key in the DICOM JSON model (behind that of its sequence and a dot) and the value representation; looked up
        once, not for each row.
    """

    level: Level
    keyword: str
    name: str
    matcher: Matcher | None
    is_optional: bool = False
    sequence: str = ""
    tag: str = field(init=False)
    vr: str = field(init=False)

    def __post_init__(self) -> None:
        tag = tag_of(self.keyword)
        object.__setattr__(self, "tag", f"{tag_of(self.sequence)}.{tag}" if self.sequence else tag)
        object.__setattr__(self, "vr", vr_of(int(tag, 16)) or "UN")


_STUDY = (
    # Table 10.6.3-3, and what table 10.6.1-5 lets clients search by.
    Column(Level.STUDY, "StudyDate", "study_date", matching.match_date),
    Column(Level.STUDY, "StudyTime", "study_time", matching.match_time),
    Column(Level.STUDY, "AccessionNumber", "accession_number", matching.match_text),
    Column(Level.STUDY, "ModalitiesInStudy", "modalities", matching.match_modalities),
    Column(Level.STUDY, "ReferringPhysicianName", "referring_physician_name", matching.match_physician),
    Column(Level.STUDY, "StudyDescription", "description", matching.match_text, is_optional=True),
    Column(Level.STUDY, "PatientName", "patient_name_folded", matching.match_name),
    Column(Level.STUDY, "PatientID", "dicom_patient_id", matching.match_text),
    Column(Level.STUDY, "IssuerOfPatientID", "issuer_of_patient_id", matching.match_text, is_optional=True),
    Column(Level.STUDY, "PatientBirthDate", "patient_birth_date", matching.match_date),
    Column(Level.STUDY, "PatientSex", "patient_sex", matching.match_text),
    Column(Level.STUDY, "StudyInstanceUID", "study_instance_uid", matching.match_uid),
    Column(Level.STUDY, "StudyID", "study_id", matching.match_text),
    Column(Level.STUDY, "NumberOfStudyRelatedSeries", "number_of_series", None),
    Column(Level.STUDY, "NumberOfStudyRelatedInstances", "number_of_instances", None),
)
_SERIES = (
    # Table 10.6.3-4.
    Column(Level.SERIES, "Modality", "modality", matching.match_text),
    Column(Level.SERIES, "SeriesDescription", "description", matching.match_text),
    Column(Level.SERIES, "SeriesInstanceUID", "series_instance_uid", matching.match_uid),
    Column(Level.SERIES, "SeriesNumber", "series_number", matching.match_number),
    Column(Level.SERIES, "BodyPartExamined", "body_part_examined", matching.match_text, is_optional=True),
    Column(Level.SERIES, "Laterality", "laterality", matching.match_text, is_optional=True),
    Column(Level.SERIES, "Manufacturer", "manufacturer", matching.match_text, is_optional=True),
    Column(Level.SERIES, "ManufacturerModelName", "manufacturer_model_name", matching.match_text, is_optional=True),
    Column(Level.SERIES, "PerformedProcedureStepStartDate", "performed_step_start_date", matching.match_date),
    Column(Level.SERIES, "PerformedProcedureStepStartTime", "performed_step_start_time", matching.match_time),
    Column(
        Level.SERIES,
        "ScheduledProcedureStepID",
        "scheduled_step_id",
        matching.match_text,
        sequence="RequestAttributesSequence",
    ),
    Column(
        Level.SERIES,
        "RequestedProcedureID",
        "requested_procedure_id",
        matching.match_text,
        sequence="RequestAttributesSequence",
    ),
    Column(
        Level.SERIES,
        "RequestAttributesSequence",
        "further_requests",
        None,
        sequence="RequestAttributesSequence",
    ),
    Column(Level.SERIES, "NumberOfSeriesRelatedInstances", "number_of_instances", None),
)
_INSTANCE = (
    # Table 10.6.3-5; (0028,0100) Bits Allocated comes from the header.
    Column(Level.INSTANCE, "SOPClassUID", "sop_class_uid", matching.match_uid),
    Column(Level.INSTANCE, "SOPInstanceUID", "sop_instance_uid", matching.match_uid),
    Column(Level.INSTANCE, "AvailableTransferSyntaxUID", "transfer_syntax_uid", None, is_optional=True),
    Column(Level.INSTANCE, "InstanceNumber", "instance_number", matching.match_number),
    Column(Level.INSTANCE, "Rows", "rows", None),
    Column(Level.INSTANCE, "Columns", "columns", None),
    Column(Level.INSTANCE, "NumberOfFrames", "number_of_frames", None),
)
COLUMNS = {Level.STUDY: _STUDY, Level.SERIES: _SERIES, Level.INSTANCE: _INSTANCE}
BY_KEYWORD = {column.keyword: column for columns in COLUMNS.values() for column in columns}
# What is kept of a request, in the order of the lines of `Series.further_requests`.
REQUEST = tuple(BY_KEYWORD[keyword] for keyword in REQUEST_IDS)
BY_TAG = {column.tag: column for columns in COLUMNS.values() for column in columns}

# How the value in a column becomes the values of the model (PS3.18 F.2.3); the others are one text or number.
_WRITERS: dict[str, Callable[[Any], list[Any]]] = {
    "PatientName": lambda text: [name_groups(text)],
    # Kept as people read it: family, comma, given names.
    "ReferringPhysicianName": lambda text: [name_groups(text.replace(", ", "^", 1))],
    "ModalitiesInStudy": lambda text: text.split(),
}
# The name is searched in its folded form, and returned as the images say it.
_RETURNED_FROM = {"PatientName": "patient_name_pn"}


def source_of(column: Column) -> str:
    """Return the name of the column that the returned value comes from."""
    return _RETURNED_FROM.get(column.keyword, column.name)


def attribute_of(column: Column, value: Any) -> Attribute:
    """Return an attribute of the DICOM JSON model; without values when there is none (type 2, PS3.18 F.2.5)."""
    if value is None or value == "":
        return {"vr": column.vr}
    if isinstance(value, date):
        return {"vr": column.vr, "Value": [value.isoformat().replace("-", "")]}
    writer = _WRITERS.get(column.keyword)
    return {"vr": column.vr, "Value": writer(value) if writer else [value]}


def add_to(item: dict[str, Any], column: Column, value: Any) -> None:
    """Add an attribute to a result; one inside a sequence only where it has a value."""
    if not column.sequence:
        item[column.tag] = attribute_of(column, value)
    elif value and column.vr == "SQ":
        _add_further(item, column.tag.partition(".")[0], value)
    elif value:
        sequence, _, tag = column.tag.partition(".")
        item.setdefault(sequence, {"vr": "SQ", "Value": [{}]})["Value"][0][tag] = attribute_of(column, value)


def _add_further(item: dict[str, Any], sequence: str, lines: str) -> None:
    """Add the items behind the first, which stand in one column as lines."""
    values = item.setdefault(sequence, {"vr": "SQ", "Value": [{}]})["Value"]
    for line in lines.strip("\n").split("\n"):
        parts = zip(REQUEST, line.split("\t"), strict=True)
        values.append({column.tag.partition(".")[2]: attribute_of(column, part) for column, part in parts if part})


def name_groups(text: str) -> dict[str, str]:
    """Return a Person Name by its component groups (PS3.18 F.2.2)."""
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    return {group: value for group, value in groups if value}
