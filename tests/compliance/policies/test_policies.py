"""Policies from template over approval to everybody's confirmation; training and sanctions that stay as they are."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from common.actor import Actor, system_actor
from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import Acknowledgement, PolicyApproval, PolicyVersion, Sanction, TrainingRecord
from compliance.packs import library
from compliance.policies import selectors, services
from compliance.policies.errors import PolicyNotFoundError, PolicyRefusedError
from compliance.policies.services import SanctionDraft, TrainingDraft
from compliance.policies.templates import all_templates
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db


def write(officer: Actor, text: str = "Lock the door.") -> Any:
    return services.add_policy(actor=officer, title="Doors", citations="45 CFR 164.310(a)", text=text)


def standing(officer: Actor, policy_id: Any) -> selectors.Standing:
    with tenant_scope(officer.tenant_id):
        return selectors.standing_of(policy_id)


def latest(officer: Actor, policy_id: Any) -> Any:
    found = standing(officer, policy_id).latest
    assert found is not None
    return found.id


@pytest.fixture
def in_force(officer: Actor) -> Any:
    policy_id = write(officer)
    services.approve_version(actor=officer, version_id=latest(officer, policy_id), effective_date=today())
    return policy_id


@pytest.mark.req("RA-18")
@pytest.mark.req("RA-25")
@pytest.mark.req("RA-26")
def test_every_template_has_its_provisions_and_says_nothing_forbidden() -> None:
    templates = all_templates()
    forbidden = library.catalogue(library.default_choice()).forbidden_phrases

    assert len({one.key for one in templates}) == len(templates) == 18
    assert [one.key for one in templates if not one.citations.startswith("45 CFR 164.")] == []
    assert [one.key for one in templates if len(one.text) < 400] == []
    assert [(one.key, phrase) for one in templates for phrase in forbidden if phrase.lower() in one.text.lower()] == []
    assert {"media", "sharing", "vendors", "ai"} <= {one.key for one in templates}


def test_templates_become_drafts_once_and_none_is_in_force(officer: Actor) -> None:
    assert services.take_over_templates(actor=officer) == 18
    assert services.take_over_templates(actor=officer) == 0

    with tenant_scope(officer.tenant_id):
        assert [one.policy.key for one in selectors.list_standing() if one.in_force] == []


def test_a_version_holds_from_its_day_on_until_the_next_is_approved(officer: Actor, in_force: Any) -> None:
    services.write_version(actor=officer, policy_id=in_force, text="Lock both doors.", change_note="A second door")
    draft = latest(officer, in_force)
    tomorrow = today() + dt.timedelta(days=1)
    services.approve_version(actor=officer, version_id=draft, effective_date=tomorrow)
    found = standing(officer, in_force).in_force
    assert found is not None
    assert found.number == 1

    with time_machine.travel(now() + dt.timedelta(days=1), tick=False):
        later = standing(officer, in_force).in_force
    assert later is not None
    assert later.number == 2


def test_a_policy_asks_to_be_looked_at_after_a_year(officer: Actor, in_force: Any) -> None:
    assert not standing(officer, in_force).is_overdue
    with time_machine.travel(now() + dt.timedelta(days=370), tick=False):
        assert standing(officer, in_force).is_overdue


def test_who_confirmed_is_asked_again_for_the_next_version(tenant: Tenant, officer: Actor, in_force: Any) -> None:
    dentist = make_actor(tenant, "dentist")
    services.acknowledge(actor=dentist, version_id=latest(officer, in_force))
    services.acknowledge(actor=dentist, version_id=latest(officer, in_force))
    with tenant_scope(tenant.id):
        assert (Acknowledgement.objects.count(), selectors.unread_by(dentist.id, selectors.list_standing())) == (1, [])
        assert standing(officer, in_force).readers == 1

    services.write_version(actor=officer, policy_id=in_force, text="Lock all doors.", change_note="More doors")
    services.approve_version(actor=officer, version_id=latest(officer, in_force), effective_date=today())
    with tenant_scope(tenant.id):
        assert len(selectors.unread_by(dentist.id, selectors.list_standing())) == 1


def test_a_draft_is_not_confirmed_and_the_same_words_are_no_version(officer: Actor) -> None:
    policy_id = write(officer)

    with pytest.raises(PolicyRefusedError):
        services.acknowledge(actor=officer, version_id=latest(officer, policy_id))
    with pytest.raises(PolicyRefusedError):
        services.write_version(actor=officer, policy_id=policy_id, text="Lock the door.", change_note="")
    with pytest.raises(ForbiddenError):
        services.approve_version(
            actor=system_actor(officer.tenant_id), version_id=latest(officer, policy_id), effective_date=today()
        )


@pytest.mark.req("RA-24")
@pytest.mark.parametrize("model", [PolicyVersion, PolicyApproval, Acknowledgement, TrainingRecord, Sanction])
def test_what_was_kept_can_neither_be_changed_nor_deleted(officer: Actor, in_force: Any, model: Any) -> None:
    services.acknowledge(actor=officer, version_id=latest(officer, in_force))
    services.record_training(actor=officer, draft=TrainingDraft(("Lee",), "Phishing", today(), "Tess"))
    services.record_sanction(actor=officer, draft=SanctionDraft("Lee", "Shared an account", "Warned", today(), "Olive"))

    with tenant_scope(officer.tenant_id):
        found = model.objects.all()
        assert found.count() == 1
        for attempt in (lambda: found.update(tenant_id=officer.tenant_id), found.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()


def test_a_policy_of_another_practice_is_none(officer: Actor, in_force: Any) -> None:
    stranger = make_actor(make_tenant(), "compliance_officer")

    with pytest.raises(PolicyNotFoundError):
        services.write_version(actor=stranger, policy_id=in_force, text="x", change_note="")


# --- pages ------------------------------------------------------------------------------------------------------------


def text_of(web: Client, path: str) -> str:
    return " ".join(web.get(path).content.decode().split())


def test_the_library_goes_from_templates_to_everybody_having_read(tenant: Tenant, officer: Actor) -> None:
    web, dentist = browser_of(officer), enter_as(tenant, "dentist")
    web.post("/compliance/policies/templates/")
    with tenant_scope(tenant.id):
        one = next(one for one in selectors.list_standing() if one.policy.key == "media")
    path = f"/compliance/policies/{one.policy.id}/"
    assert "Devices, media and their disposal" in text_of(web, "/compliance/policies/")
    version_id = latest(officer, one.policy.id)
    web.post(f"/compliance/policy-versions/{version_id}/approve/", {"effective_date": today().isoformat()})

    assert "I have read and understood it" in text_of(dentist, "/compliance/policies/mine/")
    dentist.post(f"/compliance/policy-versions/{version_id}/read/")
    assert "Nothing to read" in text_of(dentist, "/compliance/policies/mine/")
    assert "in force" in text_of(web, path)
    answer = web.post(f"{path}versions/", {"text": one.versions[0].text, "change_note": "none"})
    assert (answer.status_code, "says the same" in answer.content.decode()) == (422, True)
    assert web.post(f"{path}retire/").status_code == 302
    assert "Devices, media" not in text_of(web, "/compliance/policies/")


def test_training_and_sanctions_are_recorded_through_their_pages(tenant: Tenant, officer: Actor) -> None:
    web, auditor = browser_of(officer), enter_as(tenant, "auditor")
    day = today().isoformat()
    training = {"people": "Lee\nKim\n", "topic": "Phishing", "trained_date": day, "given_by": "Tess"}
    sanction = {"person": "Lee", "violation": "Shared", "measure": "Warned", "decided_date": day, "decided_by": "O"}
    assert web.post("/compliance/training/", training).status_code == 302
    assert web.post("/compliance/sanctions/", sanction).status_code == 302

    assert "Kim" in text_of(auditor, "/compliance/training/")
    assert "Warned" in text_of(auditor, "/compliance/sanctions/")
    assert auditor.post("/compliance/training/", training).status_code == 403
    assert web.post("/compliance/training/", {**training, "trained_date": "2099-01-01"}).status_code == 422


def test_who_reads_no_compliance_reads_only_what_is_in_force(tenant: Tenant, officer: Actor, in_force: Any) -> None:
    dentist = enter_as(tenant, "dentist")
    pages = ["policies/", f"policies/{in_force}/", "training/", "sanctions/"]

    assert [dentist.get(f"/compliance/{page}").status_code for page in pages] == [403] * 4
    assert (
        dentist.post(f"/compliance/policies/{in_force}/versions/", {"text": "x", "change_note": "y"}).status_code == 403
    )


def test_the_library_asks_no_more_with_many_policies(officer: Actor) -> None:
    services.take_over_templates(actor=officer)
    web = browser_of(officer)
    web.get("/compliance/policies/")
    with CaptureQueriesContext(connection) as queries:
        assert web.get("/compliance/policies/").status_code == 200

    assert len(queries) < 12
