"""The thirty days of a patient's request, and the account of what was disclosed to others."""

import datetime as dt
import io
import unicodedata
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from pypdf import PdfReader

from accounts.models import Tenant
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.incidents import services as incidents
from compliance.incidents.exposure import Wanted
from compliance.models import AccessRequest, Disclosure
from compliance.requests import selectors, services
from compliance.requests.errors import RequestNotFoundError, RequestRefusedError
from sharing import selectors as sharing
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.people import actions
from tests.factories.sharing import share

pytestmark = pytest.mark.django_db


def receive(actor: Actor, day: dt.date | None = None) -> UUID:
    values = {"patient_name": "Erika Muster", "requester": "herself", "wanted": "CBCT", "received_date": day or today()}
    return services.receive_request(actor=actor, values=values)


def row(actor: Actor) -> AccessRequest:
    with tenant_scope(actor.tenant_id):
        found: AccessRequest = AccessRequest.objects.get()
    return found


def later(days: int) -> Any:
    return time_machine.travel(now() + dt.timedelta(days=days), tick=True)


def disclose(officer: Actor, **changes: Any) -> UUID:
    values = {
        "patient_name": "Erika  MUSTER",
        "disclosed_date": today(),
        "recipient": "County health department",
        "description": "Report",
        "purpose": "Required by law",
        **changes,
    }
    return services.record_disclosure(actor=officer, values=values)


def test_a_request_is_due_in_thirty_days_and_once_in_sixty(officer: Actor) -> None:
    request_id = receive(officer)
    assert selectors.due_date(row(officer)) == today() + dt.timedelta(days=30)
    services.extend_request(actor=officer, request_id=request_id, reason="Scans are at the other site, until day 60")
    assert selectors.due_date(row(officer)) == row(officer).received_date + dt.timedelta(days=60)

    with pytest.raises(RequestRefusedError, match="no second time"):
        services.extend_request(actor=officer, request_id=request_id, reason="Again")


def test_after_thirty_days_it_is_too_late_to_extend(officer: Actor) -> None:
    request_id = receive(officer)

    with later(31), pytest.raises(RequestRefusedError, match="first thirty days are over"):
        services.extend_request(actor=officer, request_id=request_id, reason="Busy")


@pytest.mark.parametrize("days", [-1, 1])
def test_an_answer_lies_between_the_request_and_today(officer: Actor, days: int) -> None:
    request_id = receive(officer)
    day = today() + dt.timedelta(days=days)

    with pytest.raises(RequestRefusedError, match="day of the answer"):
        services.deny_request(
            actor=officer, request_id=request_id, answered_date=day, answer="Not ours", is_reviewable=False
        )


def test_the_account_finds_a_patient_and_six_years(officer: Actor) -> None:
    disclose(officer)
    disclose(officer, disclosed_date=today() - dt.timedelta(days=6 * 366))
    disclose(officer, patient_name="Somebody Else")

    with tenant_scope(officer.tenant_id):
        assert [one.recipient for one in selectors.account_of("erika muster")] == ["County health department"]


@pytest.mark.parametrize("recorded", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_a_name_is_found_however_its_letters_are_written(officer: Actor, recorded: Any, asked: Any) -> None:
    disclose(officer, patient_name=unicodedata.normalize(recorded, "Jörg Müller"))

    with tenant_scope(officer.tenant_id):
        assert len(selectors.account_of(unicodedata.normalize(asked, "jörg müller"))) == 1


def test_a_name_that_was_recorded_with_its_marks_apart_is_found(officer: Actor) -> None:
    apart = unicodedata.normalize("NFD", "jörg müller")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selectors, "key_of", lambda _name: apart)
        disclose(officer, patient_name=apart)

    with tenant_scope(officer.tenant_id):
        assert len(selectors.account_of("Jörg Müller")) == 1


@pytest.mark.req("RA-24")
def test_a_disclosure_on_record_can_neither_be_changed_nor_deleted(officer: Actor) -> None:
    disclose(officer)

    with tenant_scope(officer.tenant_id):
        for attempt in (lambda: Disclosure.objects.update(recipient="x"), Disclosure.objects.all().delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()


def test_who_was_exposed_is_accounted_for_once(tenant: Tenant, officer: Actor) -> None:
    link = share(tenant, studies=2)
    guest = sharing.guest_of(tenant_id=tenant.id, link_id=link.link_id)
    with tenant_scope(tenant.id):
        audit.record(actor=guest, action="study.opened", study_id=link.study_ids[0])
    values = {"title": "Forwarded", "kind": "leaked_link", "description": "x", "discovered_date": today()}
    incident_id = incidents.report_incident(actor=officer, values=values)
    report_id = incidents.report_exposure(actor=officer, incident_id=incident_id, wanted=Wanted("link", link.link_id))
    given: dict[str, Any] = {"actor": officer, "report_id": report_id, "recipient": "Unknown", "purpose": "Mistake"}

    assert services.account_for_exposure(**given) == 1
    assert services.account_for_exposure(**given) == 0
    with tenant_scope(tenant.id):
        assert Disclosure.objects.get().incident_id == incident_id


def test_a_request_of_another_practice_is_none(officer: Actor) -> None:
    request_id = receive(officer)

    with pytest.raises(RequestNotFoundError):
        services.extend_request(
            actor=make_actor(make_tenant(), "compliance_officer"), request_id=request_id, reason="x"
        )


# --- pages ------------------------------------------------------------------------------------------------------------


def text_of(web: Client, path: str) -> str:
    return " ".join(web.get(path).content.decode().split())


def test_a_request_goes_from_the_desk_to_its_answer(tenant: Tenant, officer: Actor) -> None:
    desk, web = enter_as(tenant, "assistant"), browser_of(officer)
    given = {"patient_name": "Erika Muster", "requester": "herself", "wanted": "x", "received_date": str(today())}
    assert desk.post("/compliance/requests/new/", given).status_code == 302
    path = f"/compliance/requests/{row(officer).id}/"
    assert desk.get(path).status_code == 403
    assert "30 days left" in text_of(web, "/compliance/requests/")
    with later(33):
        assert "3 days late" in text_of(browser_of(officer), path)
    answer = {"answered_date": str(today()), "answer": "By the patient page"}
    assert web.post(f"{path}fulfil/", answer).status_code == 422
    assert web.post(f"{path}fulfil/", {**answer, "identity_check": "Two facts"}).status_code == 302

    assert "By the patient page" in text_of(web, path)
    assert web.post(f"{path}deny/", answer).status_code == 422
    assert enter_as(tenant, "auditor").get(path).status_code == 200


def test_the_account_of_a_patient_is_printed_and_no_name_stands_in_an_address(tenant: Tenant, officer: Actor) -> None:
    disclose(officer)
    auditor = enter_as(tenant, "auditor")
    page = auditor.post("/compliance/disclosures/of/", {"patient_name": "erika muster"})
    assert "County health department" in page.content.decode()
    made = auditor.post("/compliance/disclosures/account.pdf", {"patient_name": "Erika Muster"}).content
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(made)).pages)

    assert "County health department" in text
    assert auditor.get("/compliance/disclosures/of/?patient_name=x").status_code == 405
    assert auditor.post("/compliance/disclosures/", {"patient_name": "x"}).status_code == 403
    assert b"pdfuaid" in made


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("requests/", None, "request.viewed"),
        ("requests/{id}/", None, "request.viewed"),
        ("disclosures/", None, "disclosure.viewed"),
        ("disclosures/of/", {"patient_name": "erika muster"}, "disclosure.viewed"),
    ],
)
def test_who_reads_the_names_of_patients_is_in_the_access_log(
    tenant: Tenant, officer: Actor, path: str, body: dict[str, str] | None, action: str
) -> None:
    request_id = receive(officer)
    disclose(officer)
    web, address = browser_of(officer), f"/compliance/{path.format(id=request_id)}"
    before = actions(tenant).count(action)

    page = web.get(address) if body is None else web.post(address, body)

    assert "Erika" in page.content.decode()
    assert actions(tenant).count(action) == before + 1
