"""What is measured about keeping and destroying turns with what is done."""

import datetime as dt

import pytest
import time_machine

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import DeletionItem, RetentionHold, Verdict
from compliance.retention import destroying, holds, runs
from compliance.retention.holds import HoldDraft
from tests.compliance.evidence.conftest import Look, Verdicts
from tests.factories.cast import make_actor
from tests.factories.retention import keep_by, make_officer, make_old_study
from vault import services as vault

pytestmark = [pytest.mark.django_db, pytest.mark.req("RA-25")]


@pytest.fixture
def officer(tenant: Tenant) -> Actor:
    return make_officer(tenant)


def destroy(tenant: Tenant, officer: Actor) -> None:
    run_id = runs.begin(actor=officer)
    with time_machine.travel(now() + runs.COOLING + dt.timedelta(hours=1), tick=False):
        runs.approve(actor=officer, run_id=run_id)
        runs.approve(actor=make_actor(tenant, "owner"), run_id=run_id)
        destroying.carry_out(tenant_id=tenant.id)
        vault.run_barrier(tenant_id=tenant.id)
        destroying.carry_out(tenant_id=tenant.id)


def test_rules_count_once_a_place_is_chosen_and_confirmed(tenant: Tenant, verdict: Verdicts) -> None:
    before = verdict("P-RET-CONFIRMED")
    someone = make_actor(tenant, "owner")
    keep_by(someone, "US-TX", confirmed=False)
    chosen = verdict("P-RET-CONFIRMED")
    keep_by(someone, "US-TX")

    assert (before, chosen, verdict("P-RET-CONFIRMED")) == (Verdict.FAIL, Verdict.FAIL, Verdict.PASS)


def test_what_is_due_is_told_until_it_lies_in_a_run(tenant: Tenant, officer: Actor, look: Look) -> None:
    make_old_study(tenant)
    assert look("P-RET-DUE").value == 1

    runs.begin(actor=officer)

    assert look("P-RET-DUE").value == 0


def test_a_hold_that_nobody_looks_at_fails(tenant: Tenant, officer: Actor, verdict: Verdicts) -> None:
    study = make_old_study(tenant)
    draft = HoldDraft("legal", "File", officer.id, today() + dt.timedelta(days=300))
    holds.place(actor=officer, study_id=study.id, draft=draft)
    fresh = verdict("P-HOLD-REVIEW")

    with tenant_scope(tenant.id):
        RetentionHold.objects.update(reviewed_at=now() - dt.timedelta(days=181))

    assert (fresh, verdict("P-HOLD-REVIEW")) == (Verdict.PASS, Verdict.FAIL)


def test_holds_block_unless_something_was_destroyed_under_one(
    tenant: Tenant, officer: Actor, verdict: Verdicts
) -> None:
    study = make_old_study(tenant)
    draft = HoldDraft("legal", "File", officer.id, today() + dt.timedelta(days=300))
    holds.place(actor=officer, study_id=study.id, draft=draft)
    good = verdict("P-HOLD-BLOCK")
    other = make_old_study(tenant, "other")
    runs.begin(actor=officer)

    with tenant_scope(tenant.id):
        hold = RetentionHold.objects.get()
        DeletionItem.objects.filter(study_id=other.id).update(
            study_id=study.id, patient_id=hold.patient_id, destroyed_at=now()
        )

    assert (good, verdict("P-HOLD-BLOCK")) == (Verdict.PASS, Verdict.FAIL)


def test_runs_that_destroyed_something_have_two_approvers_and_certificates(
    tenant: Tenant, officer: Actor, verdict: Verdicts
) -> None:
    make_old_study(tenant)
    assert {verdict("P-DEL-DUAL"), verdict("P-DEL-CERT")} == {Verdict.UNMEASURED}

    destroy(tenant, officer)

    assert {verdict("P-DEL-DUAL"), verdict("P-DEL-CERT")} == {Verdict.PASS}
    with tenant_scope(tenant.id):
        DeletionItem.objects.update(state="objects_gone")
    assert verdict("P-DEL-CERT") == Verdict.FAIL
