"""QIDO-RS: what is found, in which order, and what is told of it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydicom import Dataset

from accounts.models import Tenant
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.factories.studies import make_study
from tests.pacs.dicomweb.requests import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def studies(tenant: Tenant) -> None:
    make_study(
        tenant.id,
        "doe",
        2,
        PatientName="Doe^Jane",
        PatientID="A-1",
        StudyDate="20260228",
        PatientSex=None,
        StudyTime="101500",
        AccessionNumber="ACC7",
        StudyDescription="CBCT upper jaw",
        ReferringPhysicianName="Roe^Richard",
    )
    make_study(
        tenant.id,
        "doering",
        1,
        PatientName="Doering^Max",
        PatientID="A-2",
        StudyDate="20260301",
        StudyTime="080000",
        Modality="PX",
    )
    make_study(
        tenant.id,
        "mueller",
        1,
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Müller^Ann=ミュラー^アン",
        PatientID="B-1",
        StudyDate="20250101",
        StudyTime="235959.5",
        Modality="IO",
    )
    make_study(tenant.id, "undated", 1, PatientName="Zoe^Jane", PatientID="C*1", StudyDate=None, StudyTime=None)


def ask(client: Client, query: str, path: str = "studies") -> list[dict[str, Any]]:
    response = client.get(f"/dicom-web/{path}?{query}")
    assert response.status_code == 200, response.content
    return list(response.json())


def uids(items: list[dict[str, Any]], tag: str = "0020000D") -> list[str]:
    return [item[tag]["Value"][0] for item in items]


def seeds(items: list[dict[str, Any]]) -> list[str]:
    names = {make_uid(seed, "study"): seed for seed in ("doe", "doering", "mueller", "undated")}
    return [names[uid] for uid in uids(items)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("PatientID=A-1", ["doe"]),
        ("00100020=A-1", ["doe"]),
        ("PatientID=A-*", ["doe", "doering"]),
        ("PatientID=?-1", ["doe", "mueller"]),
        ("PatientID=a-1", []),
        ("PatientName=Doe*", ["doe", "doering"]),
        ("PatientName=doe^*", ["doe"]),
        ("PatientName=Doe^Jane", ["doe"]),
        ("PatientName=DOE^JANE", ["doe"]),
        ("PatientName=MULL*", ["mueller"]),
        ("PatientName=M%C3%BCller^Ann*", ["mueller"]),
        ("PatientName=%E3%83%9F*", []),
        ("PatientName=*jan*", ["doe", "undated"]),
        ("PatientName=*%E3%83%9F*", ["mueller"]),
        ("PatientName=Doe*Jane*", ["doe"]),
        ("StudyDate=20260228", ["doe"]),
        ("StudyDate=20260201-20260231", ["doe"]),
        ("StudyDate=20260101-", ["doe", "doering"]),
        ("StudyDate=-20251231", ["mueller"]),
        ("StudyTime=10-11", ["doe"]),
        ("StudyTime=1015", ["doe"]),
        ("StudyTime=-1014", ["doering"]),
        ("StudyTime=23-", ["mueller"]),
        ("ModalitiesInStudy=PX", ["doering"]),
        ("ModalitiesInStudy=px,IO", ["doering", "mueller"]),
        ("ModalitiesInStudy=P", []),
        ("ModalitiesInStudy=CT&StudyDate=20260101-20261231", ["doe"]),
        ("AccessionNumber=ACC7", ["doe"]),
        ("ReferringPhysicianName=Roe^Richard", ["doe"]),
        ("ReferringPhysicianName=Roe*", ["doe"]),
        ("StudyDescription=*upper*", ["doe"]),
        ("StudyDescription=CBCT*jaw", ["doe"]),
        ("PatientName=Nobody", []),
        (f"StudyInstanceUID={make_uid('doe', 'study')}", ["doe"]),
        (f"StudyInstanceUID={make_uid('doe', 'study')},{make_uid('mueller', 'study')}", ["doe", "mueller"]),
    ],
)
@pytest.mark.usefixtures("studies")
def test_a_search_finds_exactly_what_matches(web: Client, query: str, expected: list[str]) -> None:
    assert sorted(seeds(ask(web, query))) == expected


@pytest.mark.usefixtures("studies")
def test_the_newest_study_comes_first(web: Client) -> None:
    assert seeds(ask(web, "StudyDate=19000101-")) == ["doering", "doe", "mueller"]


@pytest.mark.usefixtures("studies")
def test_pages_follow_each_other_without_gap_or_overlap(web: Client) -> None:
    whole = seeds(ask(web, ""))
    pages = [seeds(ask(web, f"limit=1&offset={offset}")) for offset in range(5)]
    assert pages == [*[[seed] for seed in whole], []]


@pytest.mark.usefixtures("studies")
def test_an_answer_that_lacks_results_says_so(web: Client) -> None:
    assert "additional results" in web.get("/dicom-web/studies?limit=2")["Warning"]
    assert "Warning" not in web.get("/dicom-web/studies?limit=4")


def test_nothing_found_is_an_empty_list(web: Client) -> None:
    response = web.get("/dicom-web/studies")
    assert (response.status_code, response.content) == (200, b"[]")
    assert response["Content-Type"] == "application/dicom+json"


@pytest.mark.usefixtures("studies")
def test_a_study_is_told_as_the_standard_requires(web: Client) -> None:
    (item,) = ask(web, "PatientID=A-1&includefield=StudyDescription")
    uid = make_uid("doe", "study")
    assert item == {
        "00080020": {"vr": "DA", "Value": ["20260228"]},
        "00080030": {"vr": "TM", "Value": ["101500"]},
        "00080050": {"vr": "SH", "Value": ["ACC7"]},
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        "00080061": {"vr": "CS", "Value": ["CT"]},
        "00080090": {"vr": "PN", "Value": [{"Alphabetic": "Roe^Richard"}]},
        "00081030": {"vr": "LO", "Value": ["CBCT upper jaw"]},
        "00081190": {"vr": "UR", "Value": [f"http://testserver/dicom-web/studies/{uid}"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]},
        "00100020": {"vr": "LO", "Value": ["A-1"]},
        "00100030": {"vr": "DA", "Value": ["19800101"]},
        "00100040": {"vr": "CS"},
        "0020000D": {"vr": "UI", "Value": [uid]},
        "00200010": {"vr": "SH", "Value": ["1"]},
        "00201206": {"vr": "IS", "Value": [1]},
        "00201208": {"vr": "IS", "Value": [2]},
    }


@pytest.mark.usefixtures("studies")
def test_a_name_comes_back_in_all_its_groups(web: Client) -> None:
    (item,) = ask(web, "PatientID=B-1")
    assert item["00100010"]["Value"] == [{"Alphabetic": "Müller^Ann", "Ideographic": "ミュラー^アン"}]


def test_a_series_is_told_as_the_standard_requires(web: Client, study: Study) -> None:
    (item,) = ask(web, "", f"studies/{study.study_instance_uid}/series")
    assert {tag: item[tag].get("Value") for tag in ("00080060", "0020000D", "0020000E", "00201209")} == {
        "00080060": ["CT"],
        "0020000D": [study.study_instance_uid],
        "0020000E": [make_uid("s", "series")],
        "00201209": [3],
    }
    assert item["00081190"]["Value"][0].endswith(f"{address(study)}/series/{make_uid('s', 'series')}")


def test_an_instance_is_told_as_the_standard_requires(web: Client, study: Study) -> None:
    series = make_uid("s", "series")
    first, *rest = ask(web, "", f"studies/{study.study_instance_uid}/series/{series}/instances")
    assert {tag: first[tag].get("Value") for tag in ("00080016", "00080018", "00200013", "00280010", "00280100")} == {
        "00080016": ["1.2.840.10008.5.1.4.1.1.2"],
        "00080018": [make_uid("s", "instance", 1)],
        "00200013": [1],
        "00280010": [16],
        "00280100": [16],
    }
    assert uids(rest, "00080018") == [make_uid("s", "instance", number) for number in (2, 3)]


def test_any_attribute_of_an_instance_can_be_asked_for(web: Client, study: Study) -> None:
    items = ask(web, "includefield=ImagePositionPatient,PatientName", f"studies/{study.study_instance_uid}/instances")
    assert [item["00200032"]["Value"][2] for item in items] == [1, 2, 3]
    assert items[0]["00100010"]["Value"] == [{"Alphabetic": "Phantom^Petra"}]


def test_all_attributes_of_an_instance_leave_out_bulk_data(web: Client, study: Study) -> None:
    (item, *_) = ask(web, "includefield=all", f"studies/{study.study_instance_uid}/instances")
    assert "00200037" in item
    assert "7FE00010" not in item


@pytest.mark.usefixtures("studies")
@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("series", "PatientID=A-1", 1),
        ("series", "Modality=IO", 1),
        ("series", "PatientName=*jane*", 2),
        ("instances", "PatientID=A-1", 2),
        ("instances", "Modality=PX", 1),
        ("instances", f"SOPInstanceUID={make_uid('doe', 'instance', 2)}", 1),
        ("instances", "InstanceNumber=2", 1),
        ("instances", "", 5),
    ],
)
def test_series_and_instances_are_searched_across_studies(web: Client, path: str, query: str, count: int) -> None:
    assert len(ask(web, query, path)) == count


def test_a_series_that_the_study_does_not_have_is_404(web: Client, study: Study) -> None:
    assert web.get(address(study, "series", "1.2.3", "instances")).status_code == 404


@pytest.mark.parametrize("query", ["PatientID", "StudyDate=x", "NoSuch=1", "limit=x", "PatientID=a%00b"])
def test_a_bad_query_is_400_but_an_empty_value_is_not(web: Client, query: str) -> None:
    assert web.get(f"/dicom-web/studies?{query}").status_code == (200 if query == "PatientID" else 400)


@pytest.mark.usefixtures("studies")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("PatientName=jane", ["doe", "undated"]),
        ("PatientName=Jane^Doe", ["doe"]),
        ("PatientName=ann mull", ["mueller"]),
        ("PatientName=Max", ["doering"]),
        ("PatientName=Nobody", []),
        ("PatientName=*", ["doe", "doering", "mueller", "undated"]),
    ],
)
@pytest.mark.req("BR-13")
def test_a_fuzzy_search_matches_the_parts_of_a_name(web: Client, query: str, expected: list[str]) -> None:
    response = web.get(f"/dicom-web/studies?{query}&fuzzymatching=true")
    assert sorted(seeds(response.json())) == expected
    assert "Warning" not in response


@pytest.mark.usefixtures("studies")
def test_without_fuzzy_matching_a_name_is_matched_from_its_beginning(web: Client) -> None:
    assert seeds(ask(web, "PatientName=jane&fuzzymatching=false")) == []


def test_where_fuzzy_matching_is_not_done_a_warning_says_so(web: Client) -> None:
    response = web.get("/dicom-web/studies?fuzzymatching=true&ReferringPhysicianName=Roe")
    assert "ReferringPhysicianName" in response["Warning"]


def linked(response: Any, relation: str) -> str:
    """Return an address of the Link header (RFC 8288)."""
    (found,) = re.findall(rf'<([^>]+)>; rel="{relation}"', response["Link"])
    return str(found)


@pytest.mark.usefixtures("studies")
@pytest.mark.req("BR-13")
def test_pages_name_each_other(web: Client) -> None:
    first = web.get("/dicom-web/studies?limit=3&PatientSex=")
    second = web.get(linked(first, "next"))
    assert len(seeds(first.json())) == 3
    assert sorted(seeds(first.json()) + seeds(second.json())) == ["doe", "doering", "mueller", "undated"]
    assert web.get(linked(second, "prev")).json() == first.json()
    assert 'rel="next"' not in second["Link"]
    assert "Link" not in web.get("/dicom-web/studies")


@pytest.mark.req("BR-13")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("PerformedProcedureStepStartDate=20260228", 1),
        ("PerformedProcedureStepStartDate=20260301-", 0),
        ("PerformedProcedureStepStartTime=10-11", 1),
        ("PerformedProcedureStepStartTime=12-", 0),
        ("RequestAttributesSequence.ScheduledProcedureStepID=SPS-1", 1),
        ("00400275.00400009=SPS-1", 1),
        ("RequestAttributesSequence.RequestedProcedureID=RP*", 1),
        ("00400275.00401001=SPS-1", 0),
    ],
)
def test_a_series_is_found_by_its_procedure(web: Client, tenant: Tenant, query: str, count: int) -> None:
    request = Dataset()
    request.ScheduledProcedureStepID, request.RequestedProcedureID = "SPS-1", "RP-1"
    make_study(
        tenant.id,
        "s",
        1,
        PerformedProcedureStepStartDate="20260228",
        PerformedProcedureStepStartTime="101500",
        RequestAttributesSequence=[request],
    )
    make_study(tenant.id, "other", 1)
    found = ask(web, query, "series")
    assert len(found) == count
    for item in found:
        assert item["00400244"]["Value"] == ["20260228"]
        assert item["00400245"]["Value"] == ["101500"]
        (told,) = item["00400275"]["Value"]
        assert (told["00400009"]["Value"], told["00401001"]["Value"]) == (["SPS-1"], ["RP-1"])


def test_a_series_without_a_request_tells_none(web: Client, study: Study) -> None:
    (item,) = ask(web, f"SeriesInstanceUID={make_uid('s', 'series')}", "series")
    assert "00400275" not in item


@pytest.mark.usefixtures("studies", "long_memory")
def test_the_number_of_queries_does_not_grow_with_the_results(web: Client) -> None:
    # The first use of a token is written down, the second remembers who it is.
    ask(web, "")
    ask(web, "")
    with CaptureQueriesContext(connection) as one:
        ask(web, "limit=1")
    with CaptureQueriesContext(connection) as all_four:
        ask(web, "")
    assert len(one) == len(all_four)
