"""Matching beyond single keys: items of a sequence, moments, empty values; each kind of PS3.4 C.2.2.2 once."""

from time import process_time
from typing import Any

import pytest
from django.test import Client
from pydicom import Dataset

from accounts.models import Tenant
from pacs.dicom.phantom import make_uid
from tests.factories.studies import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13")]

STEP, PROCEDURE = "RequestAttributesSequence.ScheduledProcedureStepID", "RequestAttributesSequence.RequestedProcedureID"


def make_request(step: str = "", procedure: str = "") -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepID, item.RequestedProcedureID = step, procedure
    return item


@pytest.fixture
def group_case(tenant: Tenant) -> None:
    """Store a series that answers four requests at once, and one that answers a single one."""
    requests = [("S-1", "P-1"), ("S-2", "P-2"), ("S.3", ""), ("", "P 4")]
    make_study(tenant.id, "group", 1, RequestAttributesSequence=[make_request(*one) for one in requests])
    make_study(tenant.id, "single", 1, RequestAttributesSequence=[make_request("S-9", "P-2")])


@pytest.fixture
def moments(tenant: Tenant) -> None:
    for seed, day, time in (
        ("first", "20260101", "0800"),
        ("second", "20260101", "2000"),
        ("third", "20260102", "1200"),
        ("fourth", "20260103", "070000.5"),
        ("untimed", "20260103", None),
        ("between", "20260102", None),
    ):
        make_study(tenant.id, seed, 1, StudyDate=day, StudyTime=time)


SEEDS = ("group", "single", "first", "second", "third", "fourth", "untimed", "between", "full", "empty")


def found(web: Client, query: str, path: str = "studies") -> list[str]:
    response = web.get(f"/dicom-web/{path}?{query}")
    assert response.status_code == 200, response.content
    names = {make_uid(seed, "study"): seed for seed in SEEDS}
    return sorted(names[item["0020000D"]["Value"][0]] for item in response.json())


@pytest.mark.usefixtures("group_case")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"{STEP}=S-1", ["group"]),
        (f"{STEP}=S-2", ["group"]),
        (f"{STEP}=S-?", ["group", "single"]),
        (f"{STEP}=S.3", ["group"]),
        (f"{STEP}=SX3", []),
        (f"{STEP}=S", []),
        (f"{STEP}=-2", []),
        (f"{PROCEDURE}=P-2", ["group", "single"]),
        (f"{PROCEDURE}=P%204", ["group"]),
        (f"{PROCEDURE}=*4", ["group"]),
        (f"{STEP}=S-2&{PROCEDURE}=P-2", ["group"]),
        (f"{STEP}=S-1&{PROCEDURE}=P-2", []),
        (f"{STEP}=S-2&{PROCEDURE}=P-1", []),
        (f"{STEP}=S*&{PROCEDURE}=P-?", ["group", "single"]),
        (f"{STEP}=S.3&{PROCEDURE}=*", ["group"]),
        (f"{STEP}=P-2", []),
        (f"{STEP}=S-2&Modality=CT&PatientID=P-group", ["group"]),
        (f"{STEP}=S-2&Modality=PX", []),
    ],
)
@pytest.mark.parametrize("path", ["series", "instances"])
def test_any_item_of_a_sequence_matches_all_keys_or_none(
    web: Client, query: str, expected: list[str], path: str
) -> None:
    assert found(web, query, path) == expected


def values_of(item: dict[str, Any]) -> list[tuple[list[str] | None, list[str] | None]]:
    items = item["00400275"]["Value"]
    return [(one.get("00400009", {}).get("Value"), one.get("00401001", {}).get("Value")) for one in items]


@pytest.mark.usefixtures("group_case")
@pytest.mark.parametrize("path", ["series", "instances"])
def test_every_item_is_returned(web: Client, path: str) -> None:
    (item,) = web.get(f"/dicom-web/{path}?{STEP}=S-2").json()
    assert values_of(item) == [(["S-1"], ["P-1"]), (["S-2"], ["P-2"]), (["S.3"], None), (None, ["P 4"])]


@pytest.mark.usefixtures("moments")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("StudyDate=20260101-20260103&StudyTime=1000-0800", ["between", "fourth", "second", "third"]),
        ("StudyDate=20260101-20260103&StudyTime=0800-07", ["between", "first", "fourth", "second", "third"]),
        ("StudyDate=20260101-20260102&StudyTime=2000-1159", ["second"]),
        ("StudyDate=20260102-&StudyTime=1300-", ["fourth", "untimed"]),
        ("StudyDate=-20260102&StudyTime=-11", ["first", "second"]),
        ("StudyDate=20260101-20260102&StudyTime=1200-", ["between", "second", "third"]),
        ("StudyDate=20260101&StudyTime=1000-2100", ["second"]),
        ("StudyDate=20260101-20260103&StudyTime=12", ["third"]),
        ("StudyDate=-20260103&StudyTime=1000-", ["second", "third"]),
    ],
)
def test_ranges_of_days_and_times_are_moments(web: Client, query: str, expected: list[str]) -> None:
    assert found(web, query) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*of+teeth", ["full"]),
        ("*film", ["empty"]),
        ("*film*film*", ["full"]),
        ("A*of*of*teeth", ["full"]),
        ("A*of*of*of*", []),
        ("*?film*f?lm*", ["full"]),
        ("A*film?*", ["full"]),
    ],
)
def test_asterisks_stand_for_any_text(web: Client, tenant: Tenant, pattern: str, expected: list[str]) -> None:
    make_study(tenant.id, "full", 1, StudyDescription="A film of a film of teeth")
    make_study(tenant.id, "empty", 1, StudyDescription="A film")

    assert found(web, f"StudyDescription={pattern}") == expected


@pytest.mark.parametrize("pattern", ["*" * 10 + "x", "*a" * 12 + "*x", "*?" * 12 + "*x"])
def test_many_asterisks_cost_no_more_than_few(web: Client, tenant: Tenant, pattern: str) -> None:
    make_study(tenant.id, "full", 1, StudyDescription="An ordinary " + "a" * 24)
    began = process_time()

    assert found(web, f"StudyDescription={pattern}") == []
    assert process_time() - began < 5


def test_a_modality_that_is_named_again_and_again_is_looked_for_once(web: Client, tenant: Tenant) -> None:
    make_study(tenant.id, "full", 1, Modality="CT")

    assert found(web, "ModalitiesInStudy=" + "CT,".ljust(250, ",")) == ["full"]


def test_more_modalities_than_one_question_may_name_are_refused(web: Client) -> None:
    answer = web.get("/dicom-web/studies?ModalitiesInStudy=" + ",".join(map(chr, range(0x4E00, 0x4E00 + 101))))

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:bitewing:bad-query")


@pytest.fixture
def full_and_empty(tenant: Tenant) -> None:
    make_study(
        tenant.id, "full", 1, StudyTime="10", AccessionNumber="A", ReferringPhysicianName="Roe", StudyDescription="x"
    )
    keywords = ("StudyDate", "StudyTime", "AccessionNumber", "StudyID", "PatientName", "PatientBirthDate", "PatientSex")
    nothing: dict[str, Any] = dict.fromkeys(
        (*keywords, "SeriesNumber", "StudyDescription", "Modality", "InstanceNumber")
    )
    make_study(tenant.id, "empty", 1, **nothing)


@pytest.mark.usefixtures("full_and_empty")
@pytest.mark.parametrize(
    ("key", "path"),
    [
        *((key, "studies") for key in ("StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyDescription")),
        *((key, "studies") for key in ("PatientName", "PatientBirthDate", "PatientSex", "ReferringPhysicianName")),
        *((key, "studies") for key in ("ModalitiesInStudy",)),
        *((key, "series") for key in ("SeriesNumber", "Modality")),
        ("InstanceNumber", "instances"),
    ],
)
def test_two_quotation_marks_find_what_has_no_value(web: Client, key: str, path: str) -> None:
    assert found(web, f"{key}=%22%22", path) == ["empty"]
    assert found(web, f"{key}=", path) == found(web, f"{key}=*", path) == ["empty", "full"]


@pytest.mark.usefixtures("full_and_empty")
def test_what_always_has_a_value_is_never_empty(web: Client) -> None:
    assert found(web, "StudyInstanceUID=%22%22") == []
