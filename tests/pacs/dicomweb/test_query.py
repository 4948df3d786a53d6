"""Searches are understood or refused; nothing is ignored."""

from datetime import date

import pytest
from django.db.models import Q
from django.http import QueryDict

from pacs.dicomweb.attributes import BY_TAG, COLUMNS, Level
from pacs.dicomweb.errors import QueryError
from pacs.dicomweb.query import MAX_RESULTS, parse


def condition(query: str, level: Level = Level.STUDY) -> Q:
    return parse(QueryDict(query), level).condition


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Q()),
        ("PatientID=", Q()),
        ("PatientID=*", Q()),
        ("PatientID=P-1", Q(dicom_patient_id="P-1")),
        ("00100020=P-1", Q(dicom_patient_id="P-1")),
        ("PatientID=P*", Q(dicom_patient_id__gte="P", dicom_patient_id__lt="P\U0010ffff")),
        ("StudyInstanceUID=1.2", Q(study_instance_uid="1.2")),
        ("StudyInstanceUID=1.2,1.3", Q(study_instance_uid__in=["1.2", "1.3"])),
        ("StudyInstanceUID=1.2%5C1.3", Q(study_instance_uid__in=["1.2", "1.3"])),
        ("StudyInstanceUID=1.2&StudyInstanceUID=1.3", Q(study_instance_uid__in=["1.2", "1.3"])),
        ("StudyDate=20260228", Q(study_date=date(2026, 2, 28))),
        ("StudyDate=20260201-", Q(study_date__gte=date(2026, 2, 1))),
        ("StudyDate=-20260231", Q(study_date__lte=date(2026, 2, 28))),
        ("StudyDate=20260201-20260231", Q(study_date__gte=date(2026, 2, 1)) & Q(study_date__lte=date(2026, 2, 28))),
        ("StudyTime=12", Q(study_time__startswith="12")),
        ("PatientName=M%C3%BCller%5EAnn", Q(patient_name_folded="muller ann")),
        ("PatientName=M%C3%9CL*", Q(patient_name_folded__gte="mul", patient_name_folded__lt="mul\U0010ffff")),
        ("PatientName=Doe%5E*", Q(patient_name_folded__gte="doe ", patient_name_folded__lt="doe \U0010ffff")),
    ],
)
def test_a_key_becomes_a_condition_that_an_index_answers(query: str, expected: Q) -> None:
    assert condition(query) == expected


def test_keys_of_higher_levels_reach_through_the_rows() -> None:
    assert condition("PatientID=P", Level.INSTANCE) == Q(study__dicom_patient_id="P")
    assert condition("Modality=CT", Level.INSTANCE) == Q(series__modality="CT")
    assert condition("PatientID=P", Level.SERIES) == Q(study__dicom_patient_id="P")


@pytest.mark.parametrize(
    "query",
    [
        "StudyDate=yesterday",
        "StudyDate=20261301",
        "StudyDate=20260231-",
        "StudyDate=2026-02-01",
        "StudyTime=noon",
        "StudyTime=-",
        "StudyInstanceUID=1.2*",
        "StudyInstanceUID=abc",
        "NoSuchKeyword=1",
        "Modality=CT",
        "InstitutionName=x",
        "PatientComments=x",
        "limit=-1",
        "limit=ten",
        "offset=1.5",
        "fuzzymatching=maybe",
        "includefield=NoSuchKeyword",
        "PatientID=" + "x" * 300,
    ],
)
def test_what_is_not_understood_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        parse(QueryDict(query), Level.STUDY)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(QueryError) as refusal:
        parse(QueryDict("PatientComments=secret"), Level.STUDY)
    assert "secret" not in str(refusal.value)


def test_limit_offset_and_includefield_are_read() -> None:
    query = parse(QueryDict("limit=25&offset=50&includefield=00081030,Modality&includefield=all"), Level.STUDY)
    assert (query.limit, query.offset, query.is_include_all) == (25, 50, True)
    assert query.include == {"00081030", "00080060"}


def test_the_limit_is_bounded() -> None:
    assert parse(QueryDict("limit=999999999"), Level.STUDY).limit == MAX_RESULTS


def test_every_attribute_that_the_standard_requires_is_returned() -> None:
    required = {
        Level.STUDY: "00080020 00080030 00080050 00080061 00080090 00100010 00100020 00100030 00100040 0020000D "
        "00200010 00201206 00201208",
        Level.SERIES: "00080060 0008103E 0020000E 00200011 00201209 00400244 00400245 00400275.00400009 "
        "00400275.00401001",
        Level.INSTANCE: "00080016 00080018 00200013 00280010 00280011 00280008",
    }
    returned = {level: {c.tag for c in columns if not c.is_optional} for level, columns in COLUMNS.items()}
    assert {level: set(tags.split()) - returned[level] for level, tags in required.items()} == {
        level: set() for level in Level
    }


def test_no_two_columns_share_a_tag() -> None:
    assert len(BY_TAG) == sum(map(len, COLUMNS.values()))
