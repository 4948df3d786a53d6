"""Pages of retention: what they say, what they change, and who may."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import DeletionItem, DeletionRun, KeepingExtension, KeepingRequest, RetentionHold
from compliance.retention import destroying, engine, policy, runs
from outbox import services as outbox
from pacs.models import Study
from sharing.models import PatientSession
from tests.factories import patients
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.retention import keep_by, make_officer, make_old_study, set_birth
from vault import services as vault

pytestmark = pytest.mark.django_db

AFTER = runs.COOLING + dt.timedelta(hours=1)
LISTS = ("", "rules/", "policy/", "simulation/", "due/", "due/?kind=bin", "holds/", "wishes/", "certificates/")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def officer(tenant: Tenant) -> Actor:
    return make_officer(tenant)


@pytest.fixture
def browser(officer: Actor) -> Client:
    return browser_of(officer)


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_old_study(tenant)


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(f"/compliance/retention/{path}")
    assert answer.status_code == status
    return answer.content.decode()


def page_of(study: Study) -> str:
    return f"studies/{study.id}/"


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "administrator", "compliance_officer", "auditor"])
def test_who_may_read_retention_reads_every_list(tenant: Tenant, study: Study, role: str) -> None:
    reader = enter_as(tenant, role)

    assert [reader.get(f"/compliance/retention/{path}").status_code for path in LISTS] == [200] * len(LISTS)


@pytest.mark.parametrize("role", ["dentist", "technician", "radiologist", "assistant"])
def test_others_do_not(tenant: Tenant, role: str) -> None:
    text(enter_as(tenant, role), "due/", status=403)


def test_an_auditor_reads_and_changes_nothing(tenant: Tenant, officer: Actor, study: Study) -> None:
    auditor = enter_as(tenant, "auditor")
    run_id = runs.begin(actor=officer)

    answers = [
        auditor.post(f"/compliance/retention/{path}", {"reason": "x", "kind": "due"}).status_code
        for path in ("policy/", "due/", f"runs/{run_id}/stop/", f"runs/{run_id}/approve/", f"{page_of(study)}hold/")
    ]

    assert answers == [403] * 5
    assert "Begin a run" not in text(auditor, "due/")
    assert "Stop the run" not in text(auditor, f"runs/{run_id}/")


# --- one study explains itself ----------------------------------------------------------------------------------------


@pytest.mark.req("X-09")
def test_a_study_says_until_when_by_which_rule_and_what_would_change_it(browser: Client, study: Study) -> None:
    page = text(browser, page_of(study))

    assert "Kept until 2020-03-01" in page
    assert "22 TAC 108.8(b)" in page
    assert "images taken, 2015-03-01" in page
    assert f"kept until {engine.plus_years(today(), 5)}" in page


def test_the_page_of_a_study_asks_for_the_short_form(tenant: Tenant, officer: Actor, study: Study) -> None:
    reader = enter_as(tenant, "dentist")

    assert f"/compliance/retention/studies/{study.id}/summary" in reader.get(f"/studies/{study.id}/").content.decode()
    assert "Until 2020-03-01" in text(reader, f"{page_of(study)}summary")


def test_an_unconfirmed_rule_and_a_missing_birth_date_are_said(tenant: Tenant, study: Study) -> None:
    officer = make_actor(tenant, "compliance_officer")
    keep_by(officer, "US-CO", confirmed=False)
    set_birth(study, None)

    page = text(browser_of(officer), page_of(study))

    assert "Default, in place of Colorado" in page
    assert "No compliance officer has confirmed the rule" in page
    assert "The birth date is missing" in page
    assert "At least until " in text(browser_of(officer), f"{page_of(study)}summary")


def test_why_a_study_is_kept_longer_is_said_before_that_it_is(tenant: Tenant, study: Study) -> None:
    officer = make_actor(tenant, "compliance_officer")
    keep_by(officer, "US-CO", confirmed=False)

    pages = [text(browser_of(officer), f"{page_of(study)}{part}") for part in ("", "summary")]

    for page in pages:
        assert page.index("No compliance officer has confirmed the rule") < page.index("it is kept beyond that day")


def test_a_hold_is_placed_from_the_page_and_ends_with_a_reason(
    tenant: Tenant, officer: Actor, browser: Client, study: Study
) -> None:
    form = {"kind": "legal", "matter": "File 77", "owner": str(officer.id), "review_date": today() + dt.timedelta(90)}

    browser.post(f"/compliance/retention/{page_of(study)}hold/", form)

    assert "A hold stands." in text(browser, page_of(study))
    assert "File 77" in text(browser, "holds/")
    with tenant_scope(tenant.id):
        hold_id = RetentionHold.objects.get().id
    browser.post(f"/compliance/retention/holds/{hold_id}/review/", {"review_date": today() + dt.timedelta(200)})
    browser.post(f"/compliance/retention/holds/{hold_id}/release/", {"reason": "Settled"})
    assert "File 77" not in text(browser, "holds/")
    assert "Settled" in text(browser, page_of(study))


@pytest.mark.parametrize(
    "wrong", [{"matter": " "}, {"review_date": "2020-01-01"}, {"owner": str(UUID(int=7))}, {"kind": "mood"}]
)
def test_a_hold_that_is_not_complete_is_refused(
    tenant: Tenant, officer: Actor, browser: Client, study: Study, wrong: dict[str, str]
) -> None:
    form = {"kind": "legal", "matter": "F", "owner": str(officer.id), "review_date": today() + dt.timedelta(90)}

    answer = browser.post(f"/compliance/retention/{page_of(study)}hold/", {**form, **wrong})

    assert answer.status_code == 422
    with tenant_scope(tenant.id):
        assert RetentionHold.objects.count() == 0


@pytest.mark.req("PA-12")
def test_a_dentist_keeps_an_implant_case_longer_and_takes_it_back(tenant: Tenant, officer: Actor, study: Study) -> None:
    dentist = enter_as(tenant, "dentist")

    dentist.post(f"/compliance/retention/{page_of(study)}extend/", {"kind": "implant"})

    assert "Kept until 2035-03-01" in text(dentist, page_of(study))
    with tenant_scope(tenant.id):
        extension_id = KeepingExtension.objects.get().id
    dentist.post(f"/compliance/retention/extensions/{extension_id}/end/")
    assert "Kept until 2020-03-01" in text(dentist, page_of(study))


@pytest.mark.req("RA-23")
def test_a_patient_who_moved_is_kept_by_the_stricter_place(browser: Client, study: Study) -> None:
    browser.post(f"/compliance/retention/{page_of(study)}patient/", {"jurisdictions": ["US-NC"]})

    page = text(browser, page_of(study))

    assert "Kept until 2025-03-01" in page
    assert "No compliance officer has confirmed the rule" in page


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-23")
def test_a_rule_acts_once_a_named_person_confirmed_it(tenant: Tenant, study: Study) -> None:
    officer = make_actor(tenant, "compliance_officer")
    keep_by(officer, "US-TX", confirmed=False)
    browser = browser_of(officer)
    assert "Nothing is to be destroyed" in text(browser, "due/")

    browser.post("/compliance/retention/rules/confirm/?rule=US-TX", {"source": "22 TAC 108.8(b), read today"})

    assert "Nothing is to be destroyed" not in text(browser, "due/")
    assert "22 TAC 108.8(b), read today" in text(browser, "rules/confirm/?rule=US-TX")
    browser.post("/compliance/retention/rules/withdraw/", {"rule": "US-TX", "reason": "It changed"})
    assert "Nothing is to be destroyed" in text(browser, "due/")


def test_figures_of_ones_own_need_all_three_and_a_reason(browser: Client) -> None:
    path = "/compliance/retention/rules/confirm/?rule=US-AL"
    own = {"source": "Rule .26", "adult_years": "7", "majority_age": "19", "until_age": "26"}

    assert browser.post(path, {**own, "until_age": ""}).status_code == 422
    assert browser.post(path, own).status_code == 422
    assert browser.post(path, {**own, "reason": "Counsel read it"}).status_code == 302
    assert "7 years, minors until 26" in text(browser, "rules/confirm/?rule=US-AL")


def test_a_rule_that_the_book_lacks_is_absent(browser: Client) -> None:
    text(browser, "rules/confirm/?rule=US-ZZ", status=404)


def test_the_policy_is_saved_with_a_fresh_factor_only(tenant: Tenant, officer: Actor, browser: Client) -> None:
    form = {"jurisdictions": ["US-CA", "US-NV"], "implant": "25", "orthodontic": "15", "complex": "15"}

    assert browser.post("/compliance/retention/policy/", form).status_code == 302
    with tenant_scope(tenant.id):
        assert policy.terms().jurisdictions == ("US-CA", "US-NV")
        assert policy.terms().extension_years["implant"] == 25

    session = browser.session
    session["factor_at"] = 0
    session.save()
    assert browser.post("/compliance/retention/policy/", {**form, "implant": "1"}).status_code == 403
    with tenant_scope(tenant.id):
        assert policy.terms().extension_years["implant"] == 25


# --- simulation -------------------------------------------------------------------------------------------------------


@pytest.mark.req("X-09")
def test_the_simulation_says_what_falls_due_by_month_and_reason(tenant: Tenant, browser: Client, study: Study) -> None:
    soon = today().replace(day=1) + dt.timedelta(days=100)
    make_old_study(tenant, "soon", StudyDate=f"{soon.replace(year=soon.year - 5):%Y%m%d}")

    page = text(browser, "simulation/")

    assert f"{soon:%Y-%m}" in page
    assert "1 · Texas" in page


@pytest.mark.req("X-09")
def test_a_changed_rule_is_tried_before_it_is_applied(tenant: Tenant, browser: Client, study: Study) -> None:
    page = text(browser, "simulation/?rule=US-TX&years=30&until_age=48")

    assert "0\n" in page or "0 studies could be destroyed" in " ".join(page.split())
    assert "0 would be due earlier, 1 later" in " ".join(page.split())
    with tenant_scope(tenant.id):
        assert policy.terms().confirmed == {"US-TX": None}


# --- a run, from the list to the certificate --------------------------------------------------------------------------


@pytest.mark.req("AI-13")
@pytest.mark.req("DS-37")
def test_a_run_goes_from_the_list_to_the_certificate(tenant: Tenant, officer: Actor, study: Study) -> None:
    first, second = browser_of(officer), enter_as(tenant, "owner")
    path = first.post("/compliance/retention/due/", {"kind": "due"})["Location"].removeprefix("/compliance/retention/")
    assert "Nothing can be approved before" in text(first, path)

    with time_machine.travel(now() + AFTER, tick=True):
        first, second = browser_of(officer), browser_of(make_actor(tenant, "owner"))
        first.post(f"/compliance/retention/{path}approve/")
        assert "A second person has to look at it" in text(first, path)
        assert first.post(f"/compliance/retention/{path}approve/").status_code == 409
        second.post(f"/compliance/retention/{path}approve/")
        outbox.drain([tenant.id])
        vault.run_barrier(tenant_id=tenant.id)
        destroying.carry_out(tenant_id=tenant.id)

        assert "Carried out" in text(first, path)
        with tenant_scope(tenant.id):
            item = DeletionItem.objects.get()
            assert item.state in {"certified", "final"}
            assert Study.objects.count() == 0
        assert str(study.id) in text(first, "certificates/")
        pdf = first.get(f"/compliance/retention/certificates/{item.id}.pdf")
        signed = first.get(f"/compliance/retention/certificates/{item.id}.json")

    assert pdf.content.startswith(b"%PDF")
    assert str(study.id) in signed.content.decode()


def test_a_run_is_stopped_resumed_and_given_up_from_its_page(tenant: Tenant, browser: Client, study: Study) -> None:
    path = browser.post("/compliance/retention/due/", {"kind": "due"})["Location"]

    browser.post(f"{path}stop/", {"reason": "A letter came"})
    assert "A letter came" in browser.get(path).content.decode()
    browser.post(f"{path}go-on/")
    assert "A letter came" not in browser.get(path).content.decode()
    browser.post(f"{path}stop/", {"reason": "Again"})
    browser.post(f"{path}give-up/")

    with tenant_scope(tenant.id):
        assert DeletionRun.objects.get().state == "cancelled"


def test_a_study_is_taken_off_a_list(tenant: Tenant, browser: Client, study: Study) -> None:
    browser.post("/compliance/retention/due/", {"kind": "due"})
    with tenant_scope(tenant.id):
        item_id = DeletionItem.objects.get().id

    browser.post(f"/compliance/retention/items/{item_id}/spare/")

    with tenant_scope(tenant.id):
        assert DeletionItem.objects.get().kept_because == "spared"


def test_patients_with_access_are_told_once_where_the_practice_wants_it(
    tenant: Tenant, officer: Actor, study: Study
) -> None:
    keep_by(officer, "US-TX", confirmed=False, notifies_patients=True)
    patients.walk_in(Client(), patients.admit(tenant, study))
    with tenant_scope(tenant.id):
        PatientSession.objects.update(created_at=now() - dt.timedelta(days=6 * 365))
    mail.outbox.clear()

    runs.begin(actor=officer)
    outbox.drain([tenant.id])
    outbox.drain([tenant.id])

    (message,) = mail.outbox
    assert "will be destroyed" in message.body
    assert "Phantom" not in f"{message.body}{message.subject}"


@pytest.mark.parametrize("verb", ["approve", "go-on"])
def test_a_step_towards_destruction_needs_a_fresh_factor(
    tenant: Tenant, officer: Actor, study: Study, verb: str
) -> None:
    run_id = runs.begin(actor=officer)

    with time_machine.travel(now() + AFTER, tick=False):
        browser = browser_of(officer)
        session = browser.session
        session["factor_at"] = 0
        session.save()
        answer = browser.post(f"/compliance/retention/runs/{run_id}/{verb}/")

    assert answer.status_code == 403
    assert "Confirm it is you" in answer.content.decode()
    with tenant_scope(tenant.id):
        assert DeletionRun.objects.get().approved_by is None


# --- the patient ------------------------------------------------------------------------------------------------------


@pytest.fixture
def patient(tenant: Tenant, officer: Actor, study: Study) -> Client:
    return patients.walk_in(Client(), patients.admit(tenant, study))


@pytest.mark.req("X-08")
@pytest.mark.req("DS-37")
def test_a_patient_asks_for_longer_keeping_and_reads_the_answer(
    tenant: Tenant, browser: Client, patient: Client, study: Study
) -> None:
    day = today() + dt.timedelta(days=4000)

    patient.post("/p/keeping/", {"wish": "keep", "until": day})

    assert "asked for longer keeping" in text(browser, page_of(study))
    with tenant_scope(tenant.id):
        wish = KeepingRequest.objects.get()
    browser.post(f"/compliance/retention/wishes/{wish.id}/answer/", {"decision": "grant", "answer": "Gladly."})
    assert f"Kept until {day}" in text(browser, page_of(study))
    assert "Gladly." in patient.get("/p/keeping/").content.decode()


@pytest.mark.req("DS-37")
def test_a_wish_for_destruction_enters_the_next_run_and_is_done_with_it(
    tenant: Tenant, officer: Actor, browser: Client, patient: Client, study: Study
) -> None:
    patient.post("/p/keeping/", {"wish": "erase"})
    with tenant_scope(tenant.id):
        wish = KeepingRequest.objects.get()
    browser.post(
        f"/compliance/retention/wishes/{wish.id}/answer/", {"decision": "grant", "answer": "As the law allows."}
    )

    with time_machine.travel(now() + dt.timedelta(days=6 * 365), tick=False):
        run_id = runs.begin(actor=officer)
    with time_machine.travel(now() + dt.timedelta(days=6 * 365) + AFTER, tick=False):
        runs.approve(actor=officer, run_id=run_id)
        runs.approve(actor=make_actor(tenant, "owner"), run_id=run_id)
        destroying.carry_out(tenant_id=tenant.id)
        vault.run_barrier(tenant_id=tenant.id)
        destroying.carry_out(tenant_id=tenant.id)

    with tenant_scope(tenant.id):
        assert DeletionItem.objects.get().is_requested
        assert KeepingRequest.objects.get().state == "done"


def test_a_patient_takes_a_wish_back_and_cannot_take_one_of_somebody_else(
    tenant: Tenant, patient: Client, study: Study
) -> None:
    patient.post("/p/keeping/", {"wish": "erase"})
    with tenant_scope(tenant.id):
        wish_id = KeepingRequest.objects.get().id
    stranger = patients.walk_in(Client(), patients.admit(tenant, make_old_study(tenant, "other")))

    assert stranger.post(f"/p/keeping/{wish_id}/take-back/").status_code == 404
    assert patient.post(f"/p/keeping/{wish_id}/take-back/").status_code == 302
    with tenant_scope(tenant.id):
        assert KeepingRequest.objects.get().state == "withdrawn"


def test_a_wish_that_is_answered_is_answered_once(tenant: Tenant, browser: Client, patient: Client) -> None:
    patient.post("/p/keeping/", {"wish": "erase"})
    with tenant_scope(tenant.id):
        wish_id = KeepingRequest.objects.get().id
    path = f"/compliance/retention/wishes/{wish_id}/answer/"

    assert browser.post(path, {"decision": "refuse", "answer": "The law asks for more years."}).status_code == 302
    assert browser.post(path, {"decision": "grant", "answer": "Yes."}).status_code == 409


def test_the_way_to_the_patients_page_is_asked_of_strangers() -> None:
    assert Client().get("/p/keeping/")["Location"] == "/p/"
