"""Break-glass: a reason, one patient, an hour, notice, a mark on every access, a review."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError

from accounts import selectors, services
from accounts.errors import EmergencyReasonError, OwnAccountError
from accounts.models import Emergency, Tenant
from audit import selectors as audit
from audit import services as log
from audit.models import AuditEvent
from common.actor import Actor
from common.clock import now
from common.errors import ForbiddenError, NotFoundError
from common.scope import tenant_scope
from pacs.contexts import emergency
from pacs.dicomweb import access as series_access
from pacs.models import Study
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_member, make_tenant
from tests.factories.people import deliver
from tests.factories.sharing import in_parallel
from tests.factories.studies import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-16")]
REASON = "Swelling of the airway, the surgeon waits"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def study(tenant: Tenant) -> Study:
    series_access.forget()
    return make_study(tenant.id, "emergency", 2)


@pytest.fixture
def assistant(tenant: Tenant) -> Actor:
    return make_actor(tenant, "assistant")


def break_glass(actor: Actor, study: Study, reason: str = REASON) -> UUID:
    return services.open_emergency(actor=actor, patient_id=study.patient_id, study_id=study.id, reason=reason)


def tagged(tenant: Tenant, emergency_id: UUID) -> list[str]:
    with tenant_scope(tenant.id):
        entries = audit.list_events(audit.Filter())
    return [one.action for one in reversed(entries) if one.detail.get("emergency") == str(emergency_id)]


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_reason_opens_what_the_role_does_not(assistant: Actor, study: Study) -> None:
    client = browser_of(assistant)
    before = client.get(f"/studies/{study.id}/archive").status_code
    answer = client.post(f"/studies/{study.id}/emergency/", {"reason": REASON})
    assert before == 403
    assert answer["Location"] == f"/studies/{study.id}/"
    assert client.get(f"/studies/{study.id}/archive").status_code == 200


def test_only_this_patient_is_open(assistant: Actor, study: Study, tenant: Tenant) -> None:
    other = make_study(tenant.id, "other", 1)
    break_glass(assistant, study)
    assert browser_of(assistant).get(f"/studies/{other.id}/archive").status_code == 403


def test_only_this_person_gets_in(assistant: Actor, study: Study, tenant: Tenant) -> None:
    break_glass(assistant, study)
    assert enter_as(tenant, "assistant").get(f"/studies/{study.id}/archive").status_code == 403


def test_reading_is_all_that_it_opens(assistant: Actor, study: Study) -> None:
    break_glass(assistant, study)
    client = browser_of(assistant)
    assert client.post(f"/studies/{study.id}/delete/").status_code == 403
    assert client.get(f"/studies/{study.id}/share/").status_code == 403


def test_after_an_hour_it_is_over(assistant: Actor, study: Study) -> None:
    break_glass(assistant, study)
    selectors.forget()
    with time_machine.travel(now() + dt.timedelta(minutes=61)):
        assert browser_of(assistant).get(f"/studies/{study.id}/archive").status_code == 403


def test_a_running_download_stops_when_it_is_ended(assistant: Actor, study: Study) -> None:
    emergency_id = break_glass(assistant, study)
    [line] = selectors.running_of(assistant).values()
    actor = services.under_emergency(assistant, line)
    before = actor.recheck()
    services.end_emergency(actor=assistant, emergency_id=emergency_id)
    assert (before, actor.recheck()) == (True, False)


def test_opening_twice_is_one_act(assistant: Actor, study: Study) -> None:
    assert break_glass(assistant, study) == break_glass(assistant, study)


@pytest.mark.django_db(transaction=True)
def test_opening_twice_at_once_is_one_act(assistant: Actor, study: Study) -> None:
    opened = in_parallel([partial(break_glass, assistant, study)] * 8, threads=8)
    assert len(set(opened)) == 1
    services.end_emergency(actor=assistant, emergency_id=opened[0])
    assert selectors.running_of(assistant) == {}


@pytest.mark.parametrize("reason", ["", "urgent", "         "])
def test_without_a_reason_nothing_opens(assistant: Actor, study: Study, reason: str) -> None:
    with pytest.raises(EmergencyReasonError):
        break_glass(assistant, study, reason)


@pytest.mark.parametrize("role", ["auditor", "compliance_officer", "administrator"])
def test_who_treats_nobody_breaks_no_glass(tenant: Tenant, study: Study, role: str) -> None:
    with pytest.raises(ForbiddenError):
        break_glass(make_actor(tenant, role), study)


def test_a_patient_of_another_tenant_is_absent(study: Study) -> None:
    stranger = enter_as(make_tenant(), "assistant")
    assert stranger.post(f"/studies/{study.id}/emergency/", {"reason": REASON}).status_code == 404
    assert not Emergency.objects.model._base_manager.exists()


# --- marks and notice -------------------------------------------------------------------------------------------------


def test_every_access_carries_the_mark(assistant: Actor, study: Study, tenant: Tenant) -> None:
    client = browser_of(assistant)
    client.get(f"/studies/{study.id}/")
    emergency_id = break_glass(assistant, study)
    client.get(f"/studies/{study.id}/")
    b"".join(client.get(f"/studies/{study.id}/archive").streaming_content)  # type: ignore[attr-defined]
    assert tagged(tenant, emergency_id) == ["emergency.opened", "study.opened", "study.opened", "study.exported"]


def test_the_reason_stays_out_of_log_and_mail(assistant: Actor, study: Study, tenant: Tenant) -> None:
    break_glass(assistant, study)
    make_member(tenant, "compliance_officer")
    deliver(tenant)
    with tenant_scope(tenant.id):
        bodies = b"".join(bytes(row.body) for row in AuditEvent.objects.all())
    assert REASON.encode() not in bodies
    assert REASON not in str(mail.outbox[-1].body)
    assert "Phantom" not in str(mail.outbox[-1].body)


def test_compliance_officers_and_owners_are_told_once(assistant: Actor, study: Study, tenant: Tenant) -> None:
    officer, owner = make_member(tenant, "compliance_officer"), make_member(tenant, "owner")
    make_member(tenant, "technician")
    emergency_id = break_glass(assistant, study)
    deliver(tenant)
    services.notify_officers(tenant_id=tenant.id, emergency_id=emergency_id)
    assert sorted(one.to[0] for one in mail.outbox) == sorted([officer.email, owner.email])
    assert f"/emergencies/{emergency_id}/" in str(mail.outbox[0].body)


def test_a_banner_says_so_on_every_page_while_it_lasts(assistant: Actor, study: Study) -> None:
    client = browser_of(assistant)
    emergency_id = break_glass(assistant, study)
    during = client.get("/studies/").content.decode()
    client.post(f"/emergencies/{emergency_id}/end/")
    after = client.get("/studies/").content.decode()
    assert "emergency-strip" in during
    assert "emergency-strip" not in after


# --- review -----------------------------------------------------------------------------------------------------------


def test_the_officer_sees_reason_and_accesses_and_decides(assistant: Actor, study: Study, tenant: Tenant) -> None:
    emergency_id = break_glass(assistant, study)
    browser_of(assistant).get(f"/studies/{study.id}/")
    officer = enter_as(tenant, "compliance_officer")
    listed = officer.get("/emergencies/").content.decode()
    page = officer.get(f"/emergencies/{emergency_id}/").content.decode()
    officer.post(f"/emergencies/{emergency_id}/", {"verdict": "justified", "note": "Asked the surgeon"})
    assert REASON in listed
    assert "Opened the study" in page
    with tenant_scope(tenant.id):
        line = selectors.get_emergency(emergency_id)
    assert (line.verdict, line.review_note) == ("justified", "Asked the surgeon")
    assert "justified" in officer.get("/emergencies/").content.decode()


def test_what_else_was_done_in_the_hour_hides_no_access(
    assistant: Actor, study: Study, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emergency, "PAGE", 2)
    emergency_id = break_glass(assistant, study)
    browser_of(assistant).get(f"/studies/{study.id}/")
    with tenant_scope(tenant.id):
        for _ in range(4):
            log.record(actor=assistant, action="worklist.viewed")

    page = enter_as(tenant, "compliance_officer").get(f"/emergencies/{emergency_id}/").content.decode()

    assert "Opened the study" in page


def test_the_first_verdict_stands(assistant: Actor, study: Study, tenant: Tenant) -> None:
    emergency_id, officer = break_glass(assistant, study), make_actor(tenant, "compliance_officer")
    for verdict in ("unjustified", "justified"):
        services.review_emergency(actor=officer, emergency_id=emergency_id, verdict=verdict, note="")
    with tenant_scope(tenant.id):
        assert selectors.get_emergency(emergency_id).verdict == "unjustified"


def test_nobody_reviews_his_own(tenant: Tenant, study: Study) -> None:
    both = make_actor(tenant, "dentist", "owner")
    emergency_id = break_glass(both, study)
    with pytest.raises(OwnAccountError):
        services.review_emergency(actor=both, emergency_id=emergency_id, verdict="justified", note="")


@pytest.mark.parametrize("role", ["technician", "assistant", "auditor", "administrator"])
def test_who_may_not_review_does_not_read_the_reasons(
    assistant: Actor, study: Study, tenant: Tenant, role: str
) -> None:
    emergency_id = break_glass(assistant, study)
    client = enter_as(tenant, role)
    assert client.get("/emergencies/").status_code == 403
    assert client.get(f"/emergencies/{emergency_id}/").status_code == 403
    assert client.post(f"/emergencies/{emergency_id}/end/").status_code == 403


def test_a_reviewer_may_end_it(assistant: Actor, study: Study, tenant: Tenant) -> None:
    emergency_id = break_glass(assistant, study)
    enter_as(tenant, "compliance_officer").post(f"/emergencies/{emergency_id}/end/")
    assert selectors.running_of(assistant) == {}


def test_an_act_of_another_tenant_is_absent(assistant: Actor, study: Study) -> None:
    emergency_id = break_glass(assistant, study)
    with pytest.raises(NotFoundError):
        services.review_emergency(
            actor=make_actor(make_tenant(), "owner"), emergency_id=emergency_id, verdict="justified", note=""
        )


def test_what_another_process_opened_counts_at_once(
    assistant: Actor, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    selectors.running_of(assistant)
    monkeypatch.setattr("accounts.selectors.forget", lambda: None)
    break_glass(assistant, study)
    assert browser_of(assistant).get(f"/studies/{study.id}/archive").status_code == 200


# --- a log that cannot be written -------------------------------------------------------------------------------------


def refuse_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    def insert(_rows: object) -> int:
        raise OperationalError("the disk is full")

    monkeypatch.setattr("audit.services.recording.insert", insert)


def test_the_archive_comes_while_the_log_cannot_be_written(
    assistant: Actor, study: Study, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.BITEWING_DATA_DIR = tmp_path
    emergency_id = break_glass(assistant, study)
    client = browser_of(assistant)
    with monkeypatch.context() as fault:
        refuse_entries(fault)
        archive = client.get(f"/studies/{study.id}/archive")
        assert len(b"".join(archive.streaming_content)) > study.size_bytes  # type: ignore[attr-defined]
    assert tagged(tenant, emergency_id) == ["emergency.opened"]

    assert log.drain_spool() == 2
    assert tagged(tenant, emergency_id) == ["emergency.opened", "study.opened", "study.exported"]


def test_nothing_comes_when_nobody_can_write_it_down(
    assistant: Actor, study: Study, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.BITEWING_DATA_DIR = tmp_path / "file"
    settings.BITEWING_DATA_DIR.write_text("no folder")
    break_glass(assistant, study)
    client = browser_of(assistant)
    refuse_entries(monkeypatch)
    answer = client.get(f"/studies/{study.id}/archive")
    assert (answer.status_code, answer.streaming) == (503, False)
