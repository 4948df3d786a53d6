"""Appointments from JSON, CSV and FHIR: taken whole, or refused with the place that is wrong."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError
from pacs.appointments import csv_file, fhir, plans
from pacs.appointments.errors import AppointmentTermsError, ScheduleFormatError

pytestmark = pytest.mark.req("BR-02")
VIENNA = ZoneInfo("Europe/Vienna")
GOOD = {"external_id": "a", "patient_id": "P", "family_name": "Doe", "date": "2026-03-31"}


def test_a_plan_is_read_with_all_of_its_fields() -> None:
    found = plans.read({**GOOD, "given_name": "Jane", "time": "08:30", "sex": "f", "birth_date": "1990-02-01"})

    assert (found.patient_name_pn, found.start_date, found.start_time) == ("Doe^Jane", dt.date(2026, 3, 31), "0830")
    assert (found.sex, found.birth_date) == ("F", dt.date(1990, 2, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patient_id": ""}, "patient_id is missing"),
        ({"date": "31.3.2026"}, "date is not a date"),
        ({"time": "25:00"}, "time is not a time"),
        ({"sex": "yes"}, "sex is M, F, O"),
        ({"modality": "c/t"}, "modality is a code"),
        ({"accession_number": "A" * 17}, "more than 16 characters"),
        ({"description": "back\\slash"}, "a character that DICOM does not allow"),
        ({"study_instance_uid": "abc"}, "no UID"),
        ({"surname": "Doe"}, "no field surname"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(change: dict[str, str], message: str) -> None:
    with pytest.raises(AppointmentTermsError, match=message):
        plans.read({**GOOD, **change})


def test_a_csv_file_of_a_spreadsheet_is_read() -> None:
    text = "external_id;patient_id;Family_Name;date;time\r\na;P1;Müller;2026-03-31;8:30\r\n"
    with pytest.raises(AppointmentTermsError, match="line 2"):
        csv_file.read(text.encode())

    (found,) = csv_file.read(b"\xef\xbb\xbf" + text.replace(";8:30", ";08:30").encode())
    assert (found.patient_name_pn, found.start_time) == ("Müller", "0830")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no appointments"),
        (b"external_id,patient_id\n", "no appointments"),
        (b"external_id,patient_id,family_name,date\na,b\n", "Line 2"),
        (b"external_id,patient_id,family_name,date\na,b,c,2026-03-31,x\n", "Line 2"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ScheduleFormatError, match=message):
        csv_file.read(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_appointments_or_refused(data: bytes) -> None:
    try:
        found = csv_file.read(data)
    except DomainError:
        return
    assert found


BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "entry": [
        {
            "fullUrl": "urn:uuid:1",
            "resource": {
                "resourceType": "Patient",
                "identifier": [
                    {"system": "urn:other", "value": "SSN"},
                    {"type": {"coding": [{"code": "MR"}]}, "system": "urn:oid:1.2.3", "value": "P-9"},
                ],
                "name": [{"family": "Muster", "given": ["Eva", "Maria"]}],
                "gender": "female",
                "birthDate": "1980-05-06",
            },
        },
        {
            "resource": {
                "resourceType": "ServiceRequest",
                "id": "s1",
                "identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": "ACC-5"}],
                "code": {
                    "text": "CBCT of the lower jaw",
                    "coding": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}],
                },
                "requester": {"display": "Doe, John"},
            },
        },
        {
            "resource": {
                "resourceType": "Appointment",
                "id": "ap-1",
                "status": "booked",
                "start": "2026-07-01T07:15:00Z",
                "basedOn": [{"reference": "ServiceRequest/s1"}],
                "participant": [{"actor": {"reference": "urn:uuid:1"}}],
            },
        },
    ],
}


def test_a_fhir_appointment_is_read_with_its_patient_and_request() -> None:
    (found,) = fhir.read(BUNDLE, zone=VIENNA)

    assert (found.external_id, found.patient_id, found.issuer) == ("ap-1", "P-9", "1.2.3")
    assert (found.patient_name_pn, found.sex) == ("Muster^Eva Maria", "F")
    assert (found.start_date, found.start_time) == (dt.date(2026, 7, 1), "091500")
    assert (found.accession_number, found.modality) == ("ACC-5", "CT")
    assert (found.description, found.referring_physician_pn) == ("CBCT of the lower jaw", "Doe^John")


def test_a_fhir_service_request_alone_is_an_appointment() -> None:
    request = {
        **BUNDLE["entry"][1]["resource"],
        "subject": {"reference": "#p"},
        "contained": [{**BUNDLE["entry"][0]["resource"], "id": "p"}],
        "occurrenceDateTime": "2026-07-02",
        "status": "revoked",
    }

    (found,) = fhir.read({"resourceType": "Bundle", "entry": [{"resource": request}]}, zone=VIENNA)

    assert (found.external_id, found.start_date, found.is_cancelled) == ("ACC-5", dt.date(2026, 7, 2), True)


@pytest.mark.parametrize(
    "change",
    [
        {"status": ["booked"]},
        {"status": {"code": "booked"}},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"start": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_a_status_or_an_instant_that_is_none_is_refused(change: dict[str, Any]) -> None:
    *others, last = BUNDLE["entry"]
    bundle = {**BUNDLE, "entry": [*others, {"resource": {**last["resource"], **change}}]}

    with pytest.raises(ScheduleFormatError, match="Appointment, entry 3"):
        fhir.read(bundle, zone=VIENNA)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "entry",
                    "resource",
                    "identifier",
                    "type",
                    "coding",
                    "name",
                    "start",
                    "status",
                    "basedOn",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=3), st.sampled_from(["Appointment", "ServiceRequest"]), json_values)
def test_any_bundle_is_appointments_or_refused(entries: list[Any], kind: str, inner: Any) -> None:
    resource = {**(inner if isinstance(inner, dict) else {}), "resourceType": kind}
    bundle = {"resourceType": "Bundle", "entry": [*entries, {"resource": resource}]}
    try:
        found = fhir.read(bundle, zone=VIENNA)
    except DomainError:
        return
    assert found
