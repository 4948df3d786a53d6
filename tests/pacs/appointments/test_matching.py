"""Studies find their appointment, or wait for a human (BR-50)."""

import datetime as dt
from typing import Any

import orjson
import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import Tenant
from audit import selectors as audit
from common.actor import system_actor
from common.clock import today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.appointments import matching, plans, services
from pacs.appointments.errors import AppointmentTakenError, UnmatchedNotFoundError
from pacs.appointments.models import Appointment, Unmatched
from pacs.models import Study
from tests.factories.browsers import enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_study

# Plans and studies are of one day, which ends for nobody between them.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_time"), pytest.mark.req("BR-50")]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def plan(tenant: Tenant, external_id: str = "a", **changes: Any) -> Appointment:
    fields = {"external_id": external_id, "patient_id": "P-1", "family_name": "Doe", "date": today().isoformat()}
    services.save(actor=system_actor(tenant.id), plans=[plans.read({**fields, **changes})])
    with tenant_scope(tenant.id):
        row: Appointment = Appointment.objects.get(external_id=external_id)
    return row


def arrive(tenant: Tenant, seed: str = "arrived", **elements: Any) -> Study:
    header = {"PatientID": "P-1", "PatientName": "Doe^Jane", "StudyDate": f"{today():%Y%m%d}"}
    study = make_study(tenant.id, seed, 1, **{**header, **elements})
    outbox.drain([tenant.id])
    return study


def matched(tenant: Tenant) -> dict[str, tuple[str, Any]]:
    with tenant_scope(tenant.id):
        return {row.external_id: (row.matched_by, row.study_id) for row in Appointment.objects.all()}


def waiting(tenant: Tenant) -> list[str]:
    with tenant_scope(tenant.id):
        return list(Unmatched.objects.filter(decided_at=None).values_list("reason", flat=True))


def test_the_uid_of_the_worklist_decides_first(tenant: Tenant) -> None:
    row = plan(tenant, study_instance_uid="1.2.3.4")
    plan(tenant, "b")

    study = arrive(tenant, StudyInstanceUID="1.2.3.4")

    assert matched(tenant) == {"a": ("uid", study.id), "b": ("", None)}
    assert row.state == Appointment.State.SCHEDULED


@pytest.mark.parametrize(
    ("planned", "made", "how"),
    [
        ({"accession_number": "ACC"}, {"AccessionNumber": "ACC", "StudyDate": "20200101"}, "number"),
        ({}, {}, "day"),
        ({"birth_date": "1990-01-02"}, {"PatientBirthDate": "19900102"}, "day"),
    ],
)
def test_number_or_patient_and_day_find_the_appointment(
    tenant: Tenant, planned: dict[str, str], made: dict[str, str], how: str
) -> None:
    plan(tenant, **planned)

    study = arrive(tenant, **made)

    assert matched(tenant) == {"a": (how, study.id)}
    assert waiting(tenant) == []


@pytest.mark.parametrize(
    ("planned", "made", "reason"),
    [
        ({"patient_id": "P-2"}, {}, "none"),
        ({"cancelled": True}, {}, "none"),
        ({"patient_id": "P-2", "accession_number": "ACC"}, {"AccessionNumber": "ACC"}, "differs"),
        ({"birth_date": "1990-01-02"}, {"PatientBirthDate": "19910102"}, "differs"),
    ],
)
def test_what_does_not_fit_waits_for_a_human(
    tenant: Tenant, planned: dict[str, Any], made: dict[str, str], reason: str
) -> None:
    plan(tenant, **planned)

    arrive(tenant, **made)

    assert waiting(tenant) == [reason]
    assert matched(tenant) == {"a": ("", None)}


def test_of_two_on_one_day_the_modality_decides_or_a_human(tenant: Tenant) -> None:
    plan(tenant, "ct", modality="CT")
    plan(tenant, "px", modality="PX")
    study = arrive(tenant)
    assert matched(tenant)["ct"] == ("day", study.id)

    plan(tenant, "px2", modality="PX")
    arrive(tenant, "second")
    assert waiting(tenant) == ["several"]


def test_who_plans_nothing_has_nothing_waiting(tenant: Tenant) -> None:
    arrive(tenant)

    assert waiting(tenant) == []


def test_an_old_study_that_is_imported_waits_for_nobody(tenant: Tenant) -> None:
    plan(tenant)

    arrive(tenant, StudyDate="20190101")

    assert waiting(tenant) == []


def test_a_human_places_a_study_and_takes_it_back(tenant: Tenant) -> None:
    row = plan(tenant, patient_id="P-2")
    study = arrive(tenant)
    actor = make_actor(tenant, "assistant")
    with tenant_scope(tenant.id):
        one = Unmatched.objects.get()

    services.decide(actor=actor, unmatched_id=one.id, appointment_id=row.id)
    assert matched(tenant) == {"a": ("hand", study.id)}
    services.separate(actor=actor, appointment_id=row.id)

    assert matched(tenant) == {"a": ("", None)}
    assert waiting(tenant) == ["none"]


def more(tenant: Tenant, study: Study) -> None:
    """Let another image of a study arrive."""
    arrive(tenant, "more", StudyInstanceUID=study.study_instance_uid)


def test_the_next_image_does_not_undo_that_a_human_separated(tenant: Tenant) -> None:
    row = plan(tenant)
    study = arrive(tenant)
    services.separate(actor=make_actor(tenant, "assistant"), appointment_id=row.id)

    more(tenant, study)

    assert matched(tenant) == {"a": ("", None)}
    assert waiting(tenant) == ["none"]


def test_the_next_image_does_not_undo_that_a_human_wants_no_appointment(tenant: Tenant) -> None:
    plan(tenant, birth_date="1990-01-02")
    study = arrive(tenant, PatientBirthDate="19910102")
    with tenant_scope(tenant.id):
        one = Unmatched.objects.get()
    services.decide(actor=make_actor(tenant, "assistant"), unmatched_id=one.id, appointment_id=None)
    plan(tenant, birth_date="1991-01-02")

    more(tenant, study)

    assert matched(tenant) == {"a": ("", None)}
    assert waiting(tenant) == []


def test_a_study_whose_appointment_was_given_away_meanwhile_waits(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = plan(tenant)
    first = arrive(tenant)
    monkeypatch.setattr(matching, "find", lambda _: matching.Match(appointment=row, how="day"))

    arrive(tenant, "second")

    assert matched(tenant) == {"a": ("day", first.id)}
    assert waiting(tenant) == ["none"]


def test_an_appointment_that_was_cancelled_and_comes_again_is_done_if_it_has_a_study(tenant: Tenant) -> None:
    plan(tenant)
    arrive(tenant)

    assert plan(tenant, cancelled=True).state == Appointment.State.CANCELLED
    assert plan(tenant).state == Appointment.State.DONE


def test_one_appointment_is_not_given_twice_and_not_by_everybody(tenant: Tenant) -> None:
    row = plan(tenant)
    arrive(tenant, "first")
    arrive(tenant, "second")
    with tenant_scope(tenant.id):
        one = Unmatched.objects.get()

    with pytest.raises(AppointmentTakenError):
        services.decide(actor=make_actor(tenant, "technician"), unmatched_id=one.id, appointment_id=row.id)
    with pytest.raises(ForbiddenError):
        services.decide(actor=make_actor(tenant, "dentist"), unmatched_id=one.id, appointment_id=None)
    with pytest.raises(UnmatchedNotFoundError):
        services.decide(actor=make_actor(make_tenant(), "owner"), unmatched_id=one.id, appointment_id=None)


def test_appointments_are_forgotten_two_years_after_their_day(tenant: Tenant) -> None:
    plan(tenant, "old", date="2001-01-01")
    plan(tenant, "new")

    assert services.purge() == 1
    assert list(matched(tenant)) == ["new"]


# --- pages and API ----------------------------------------------------------------------------------------------------


def test_a_technician_sees_the_day_and_places_a_study(tenant: Tenant) -> None:
    row = plan(tenant, patient_id="P-2", time="08:30", description="CBCT")
    arrive(tenant)
    client = enter_as(tenant, "technician")
    page = client.get("/schedule/").content.decode()
    assert "08:30" in page
    assert "No appointment fits." in page
    with tenant_scope(tenant.id):
        one = Unmatched.objects.get()

    shown = client.get(f"/schedule/waiting/{one.id}/").content.decode()
    assert "another patient" in shown
    answer = client.post(f"/schedule/waiting/{one.id}/", {"appointment": str(row.id)})

    assert (answer.status_code, answer["Location"]) == (302, "/schedule/")
    assert matched(tenant)["a"][0] == "hand"


def test_what_is_no_appointment_decides_nothing(tenant: Tenant) -> None:
    plan(tenant, patient_id="P-2")
    arrive(tenant)
    with tenant_scope(tenant.id):
        one = Unmatched.objects.get()

    answer = enter_as(tenant, "technician").post(f"/schedule/waiting/{one.id}/", {"appointment": "garbled"})

    assert (answer.status_code, waiting(tenant)) == (404, ["none"])


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "x"])
def test_a_day_without_one_before_or_after_is_today(tenant: Tenant, day: str) -> None:
    page = enter_as(tenant, "technician").get(f"/schedule/?day={day}").content.decode()

    assert f'value="{today()}"' in page


@pytest.mark.req("PA-07")
def test_who_saw_appointments_and_studies_that_wait_is_in_the_audit_log(tenant: Tenant) -> None:
    plan(tenant, patient_id="P-2")
    study = arrive(tenant)
    client = enter_as(tenant, "technician")
    with tenant_scope(tenant.id):
        one = Unmatched.objects.get()

    client.get("/schedule/")
    client.get(f"/schedule/waiting/{one.id}/")

    with tenant_scope(tenant.id):
        entries = audit.list_events(audit.Filter(action="studies.searched"))
    assert [entry.detail for entry in entries] == [
        {"found": 2, "level": "schedule", "studies": [str(study.id)]},
        {"found": 2, "level": "schedule", "studies": [str(study.id)]},
    ]


def test_a_csv_file_is_taken_on_the_page(tenant: Tenant, tmp_path: Any) -> None:
    path = tmp_path / "day.csv"
    path.write_text(f"external_id,patient_id,family_name,date\nx,P,Doe,{today()}\n")
    client = enter_as(tenant, "assistant")
    with path.open("rb") as file:
        answer = client.post("/schedule/import/", {"file": file}, follow=True)

    assert "1 appointments were added" in answer.content.decode()
    assert list(matched(tenant)) == ["x"]


def token_client(tenant: Tenant, *scopes: str) -> Client:
    token = accounts.create_token(actor=system_actor(tenant.id), name="t", scopes=scopes)
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_a_practice_program_sends_and_reads_appointments(tenant: Tenant) -> None:
    client = token_client(tenant, "api.read", "api.write")
    body = {
        "appointments": [
            {"external_id": str(n), "patient_id": "P", "family_name": "D", "date": "2026-03-31"} for n in range(3)
        ]
    }

    saved = client.post("/api/v1/appointments", orjson.dumps(body), content_type="application/json").json()
    again = client.post("/api/v1/appointments", orjson.dumps(body), content_type="application/json").json()
    listed = client.get("/api/v1/appointments?from=2026-03-01&to=2026-03-31").json()

    assert (saved, again) == ({"added": 3, "changed": 0}, {"added": 0, "changed": 3})
    assert [row["external_id"] for row in listed["appointments"]] == ["0", "1", "2"]
    assert listed["next"] is None


@pytest.mark.req("PA-07")
def test_what_a_program_reads_is_in_the_audit_log(tenant: Tenant) -> None:
    plan(tenant)
    study = arrive(tenant)

    token_client(tenant, "api.read").get("/api/v1/appointments")

    with tenant_scope(tenant.id):
        (entry,) = audit.list_events(audit.Filter(action="studies.searched"))
    assert entry.detail == {"found": 1, "level": "schedule", "studies": [str(study.id)]}


@pytest.mark.parametrize("cursor", ["x", "01890000-0000-7000-8000-000000000000"])
def test_a_program_that_goes_on_behind_what_is_not_there_is_refused(tenant: Tenant, cursor: str) -> None:
    answer = token_client(tenant, "api.read").get(f"/api/v1/appointments?cursor={cursor}")

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:bitewing:invalid-input")


@pytest.mark.parametrize(
    ("scopes", "kind", "data", "status", "code"),
    [
        (("api.read",), "application/json", b"{}", 403, "forbidden"),
        (("api.write",), "text/plain", b"{}", 415, "unsupported-media-type"),
        (("api.write",), "application/json", b"{", 400, "schedule-format"),
        (("api.write",), "application/json", b"{}", 400, "appointment-terms"),
        (("api.write",), "application/fhir+json", b"[]", 400, "schedule-format"),
    ],
)
def test_what_the_api_does_not_take_is_a_problem(
    tenant: Tenant, scopes: tuple[str, ...], kind: str, data: bytes, status: int, code: str
) -> None:
    answer = token_client(tenant, *scopes).post("/api/v1/appointments", data, content_type=kind)

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:bitewing:{code}")


def test_dates_of_the_future_are_kept(tenant: Tenant) -> None:
    row = plan(tenant, date=(today() + dt.timedelta(days=30)).isoformat())

    assert row.start_date > today()
