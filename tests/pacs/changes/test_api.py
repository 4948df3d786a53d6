"""Programs of the practice ask what changed (BR-32)."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import system_actor
from common.ids import uuid7
from common.scope import tenant_scope
from pacs import services
from pacs.changes import marking, selectors
from pacs.models import Study
from tests.factories.browsers import enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.rows import make_row
from tests.factories.studies import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-32")]
ADDRESS = "/api/v1/changes"


@pytest.fixture
def program(tenant: Tenant) -> Client:
    return client_of(tenant, "api.read")


def client_of(tenant: Tenant, *scopes: str) -> Client:
    token = accounts.create_token(actor=system_actor(tenant.id), name="t", scopes=scopes)
    return Client(headers={"Authorization": f"Bearer {token}"})


def changed(tenant: Tenant, **columns: Any) -> Study:
    study = make_row(tenant.id, **columns)
    marking.mark(tenant_id=tenant.id, study_id=study.id)
    return study


def test_a_program_hears_what_it_needs_to_file_a_study(tenant: Tenant, program: Client) -> None:
    study = changed(
        tenant,
        accession_number="A-1",
        dicom_patient_id="P-1",
        modalities="CT PX",
        study_date=dt.date(2026, 3, 31),
        report_state="signed",
    )

    answer = program.get(ADDRESS).json()

    (row,) = answer["changes"]
    assert (answer["next"], answer["more"]) == (1, False)
    assert dt.datetime.fromisoformat(row.pop("at")).tzinfo is not None
    assert row == {
        "number": 1,
        "study": str(study.id),
        "state": "ready",
        "study_instance_uid": study.study_instance_uid,
        "patient_id": "P-1",
        "issuer_of_patient_id": "",
        "accession_number": "A-1",
        "study_date": "2026-03-31",
        "modalities": ["CT", "PX"],
        "number_of_instances": 3,
        "report": "signed",
        "appointment": None,
    }


def test_pages_follow_each_other_without_a_gap(
    tenant: Tenant, program: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "PAGE", 2)
    studies = [str(changed(tenant).id) for _ in range(5)]
    seen: list[str] = []
    after, more = 0, True

    while more:
        answer = program.get(f"{ADDRESS}?after={after}").json()
        seen += [row["study"] for row in answer["changes"]]
        after, more = answer["next"], answer["more"]

    assert seen == studies
    assert program.get(f"{ADDRESS}?after={after}").json() == {"changes": [], "next": after, "more": False}


def test_who_read_of_whom_is_in_the_log(tenant: Tenant, program: Client) -> None:
    study = changed(tenant)

    program.get(ADDRESS)

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="studies.searched")
    assert str(study.id).encode() in bytes(event.body)
    assert study.dicom_patient_id.encode() not in bytes(event.body)


def test_of_a_deleted_study_nothing_is_said_of_its_patient(tenant: Tenant, program: Client) -> None:
    study = make_study(tenant.id, prepared=True)
    services.delete_study(actor=make_actor(tenant, "owner"), study_id=study.id)

    (row,) = program.get(ADDRESS).json()["changes"]

    assert (row["state"], set(row)) == ("deleted", {"number", "at", "study", "state"})


def test_nobody_hears_of_another_tenant(program: Client) -> None:
    changed(make_tenant())

    assert program.get(ADDRESS).json() == {"changes": [], "next": 0, "more": False}


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "٣", "9" * 19, ""])
def test_what_is_no_number_is_refused_in_words(program: Client, after: str) -> None:
    answer = program.get(ADDRESS, {"after": after})

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:bitewing:invalid-input")


def test_who_knows_more_than_the_portal_is_told_to_begin_anew(tenant: Tenant, program: Client) -> None:
    changed(tenant)

    answers = [program.get(f"{ADDRESS}?after={after}") for after in (1, 2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["type"] == "urn:bitewing:changes-ahead"


def test_what_is_only_asked_for_by_its_head_is_not_read(tenant: Tenant, program: Client) -> None:
    changed(tenant)

    assert program.head(ADDRESS).status_code == 200
    with tenant_scope(tenant.id):
        assert not AuditEvent.objects.filter(action="studies.searched").exists()


def test_a_token_for_something_else_is_refused(tenant: Tenant) -> None:
    assert client_of(tenant, "dicomweb.write").get(ADDRESS).status_code == 403
    assert Client().get(ADDRESS).status_code == 401


def test_nothing_is_sent_here(program: Client) -> None:
    assert program.post(ADDRESS).status_code == 405
    assert Client().post(ADDRESS).status_code == 401


def test_staff_without_a_say_in_conflicts_hear_no_details_of_what_is_held(tenant: Tenant) -> None:
    changed(tenant, conflict="patient-differs")

    details = [
        "patient_id" in enter_as(tenant, role).get(ADDRESS).json()["changes"][0] for role in ("technician", "dentist")
    ]

    assert details == [True, False]


def test_a_change_of_what_is_gone_is_told_still(tenant: Tenant, program: Client) -> None:
    marking.mark(tenant_id=tenant.id, study_id=(gone := uuid7()))

    (row,) = program.get(ADDRESS).json()["changes"]

    assert (row["study"], row["state"]) == (str(gone), "destroyed")
