"""From the list of what is due to what is destroyed: who must agree, who may stop it, and what wins."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import Tenant
from common.actor import Actor, system_actor
from common.clock import now, today
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.models import DeletionItem, DeletionRun, KeepingRequest
from compliance.retention import destroying, holds, runs
from compliance.retention.contexts import deletion
from compliance.retention.errors import (
    CoolingOffError,
    NothingDueError,
    RunNotFoundError,
    RunRefusedError,
    RunStateError,
    SamePersonError,
)
from compliance.retention.holds import HoldDraft
from outbox import services as outbox
from pacs.errors import StudyDoomedError
from pacs.models import Instance, NameToken, Patient, Report, Series, Study
from pacs.services import delete_study, merge_patients, restore_study
from sharing.models import ShareLinkStudy
from tests.factories.cast import make_actor, make_tenant
from tests.factories.retention import item_states, make_officer, make_old_study, pass_barrier
from vault.errors import DestructionBegunError
from vault.models import Destruction

pytestmark = pytest.mark.django_db

AFTER = runs.COOLING + dt.timedelta(hours=1)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def officer(tenant: Tenant) -> Actor:
    return make_officer(tenant)


@pytest.fixture
def owner(tenant: Tenant) -> Actor:
    return make_actor(tenant, "owner")


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_old_study(tenant)


def begin(officer: Actor) -> DeletionRun:
    run_id = runs.begin(actor=officer)
    with tenant_scope(officer.tenant_id):
        return runs.get(run_id)


def approved(officer: Actor, owner: Actor) -> DeletionRun:
    """Begin a run, wait, and have both approve it; the clock stays there until the test ends."""
    run = begin(officer)
    with time_machine.travel(now() + AFTER, tick=False):
        runs.approve(actor=officer, run_id=run.id)
        runs.approve(actor=owner, run_id=run.id)
    return run


def hold(actor: Actor, study: Study, *, of_patient: bool = False) -> None:
    draft = HoldDraft("legal", "File 12", actor.id, today() + dt.timedelta(days=90), of_patient=of_patient)
    holds.place(actor=actor, study_id=study.id, draft=draft)


def is_there(study: Study) -> bool:
    with tenant_scope(study.tenant_id):
        return bool(Study.objects.filter(id=study.id, deleted_at=None).exists())


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("AI-13")
@pytest.mark.req("PA-10")
def test_what_is_past_its_time_is_listed_and_nothing_else_happens(tenant: Tenant, officer: Actor, study: Study) -> None:
    make_old_study(tenant, "young", StudyDate=f"{today():%Y%m%d}")

    run = begin(officer)

    with tenant_scope(tenant.id):
        (item,) = runs.list_items(run.id)
    assert (item.study_id, item.until_date, item.rule_id) == (study.id, dt.date(2020, 3, 1), "US-TX")
    assert run.cooling_until >= now() + dt.timedelta(days=29)
    assert is_there(study)


def test_what_lies_in_a_run_comes_into_no_other(officer: Actor, study: Study) -> None:
    begin(officer)

    with pytest.raises(NothingDueError):
        runs.begin(actor=officer)


def test_a_run_may_leave_studies_out(tenant: Tenant, officer: Actor, study: Study) -> None:
    other = make_old_study(tenant, "other")

    run_id = runs.begin(actor=officer, without=[study.id])

    with tenant_scope(tenant.id):
        assert [item.study_id for item in runs.list_items(run_id)] == [other.id]


@pytest.mark.parametrize("role", ["administrator", "auditor", "dentist", "technician"])
def test_only_owner_and_officer_begin_a_run(tenant: Tenant, study: Study, role: str) -> None:
    with pytest.raises(ForbiddenError):
        runs.begin(actor=make_actor(tenant, role))


def test_a_program_begins_and_approves_nothing(tenant: Tenant, officer: Actor, study: Study) -> None:
    with pytest.raises(ForbiddenError):
        runs.begin(actor=system_actor(tenant.id))


def test_every_study_of_a_run_is_listed(tenant: Tenant, officer: Actor, study: Study) -> None:
    run = begin(officer)
    with tenant_scope(tenant.id):
        (item,) = runs.list_items(run.id)
        more = [{"study_id": uuid7(), "patient_id": uuid7(), "key_id": uuid7()} for _ in range(501)]
        kept = {"tenant_id": tenant.id, "run": run, "until_date": item.until_date, "rule_id": item.rule_id}
        kept |= {"reckoned": item.reckoned, "size_bytes": 1, "number_of_instances": 1}
        DeletionItem.objects.bulk_create(DeletionItem(**kept, **one) for one in more)

        page = deletion.build_run(actor=officer, run_id=run.id)

    assert (len(page.items), page.run.count) == (502, 502)


# --- two people -------------------------------------------------------------------------------------------------------


def test_nobody_approves_before_the_cooling_off_time_is_over(officer: Actor, study: Study) -> None:
    run = begin(officer)

    with pytest.raises(CoolingOffError):
        runs.approve(actor=officer, run_id=run.id)


@pytest.mark.req("DS-37")
def test_one_person_cannot_approve_twice(officer: Actor, owner: Actor, study: Study) -> None:
    run = begin(officer)

    with time_machine.travel(now() + AFTER, tick=False):
        assert runs.approve(actor=officer, run_id=run.id) is False
        with pytest.raises(SamePersonError):
            runs.approve(actor=officer, run_id=run.id)
        assert runs.approve(actor=owner, run_id=run.id) is True


def test_the_database_itself_refuses_one_person_as_both_approvers(officer: Actor, study: Study) -> None:
    run = begin(officer)
    later = run.cooling_until + dt.timedelta(days=1)

    with tenant_scope(officer.tenant_id), pytest.raises(IntegrityError), transaction.atomic():
        DeletionRun.objects.filter(id=run.id).update(
            state="approved", approved_by=officer.id, approved_at=later, seconded_by=officer.id, seconded_at=later
        )


def test_the_database_itself_refuses_approvals_before_the_time(officer: Actor, owner: Actor, study: Study) -> None:
    run = begin(officer)

    with tenant_scope(officer.tenant_id), pytest.raises(IntegrityError), transaction.atomic():
        DeletionRun.objects.filter(id=run.id).update(
            state="approved", approved_by=officer.id, approved_at=now(), seconded_by=owner.id, seconded_at=now()
        )


@pytest.mark.parametrize("role", ["auditor", "dentist", "radiologist", "assistant", "technician"])
def test_others_do_not_approve(tenant: Tenant, officer: Actor, study: Study, role: str) -> None:
    run = begin(officer)

    with time_machine.travel(now() + AFTER, tick=False), pytest.raises(ForbiddenError):
        runs.approve(actor=make_actor(tenant, role), run_id=run.id)


def test_a_run_of_another_tenant_is_absent(officer: Actor, study: Study) -> None:
    run = begin(officer)

    with pytest.raises(RunNotFoundError):
        runs.stop(actor=make_actor(make_tenant(), "owner"), run_id=run.id, reason="x")


# --- destruction ------------------------------------------------------------------------------------------------------


def test_without_both_approvals_nothing_is_queued(tenant: Tenant, officer: Actor, study: Study) -> None:
    run = begin(officer)
    with time_machine.travel(now() + AFTER, tick=False):
        runs.approve(actor=officer, run_id=run.id)

    destroying.carry_out(tenant_id=tenant.id)

    assert item_states(tenant, run.id) == ["pending_delete"]
    assert is_there(study)


@pytest.mark.req("AI-13")
@pytest.mark.req("PA-19")
def test_an_approved_study_passes_every_state_and_leaves_no_row(tenant: Tenant, officer: Actor, owner: Actor) -> None:
    make_old_study(tenant, slices=3)
    run = approved(officer, owner)
    seen = []
    for step in ("shred_queued", "barrier_done", "objects_gone"):
        if step != "shred_queued":
            pass_barrier(tenant, step)
        destroying.carry_out(tenant_id=tenant.id)
        seen += item_states(tenant, run.id)

    assert seen == ["shred_queued", "barrier_done", "objects_gone"]
    with tenant_scope(tenant.id):
        left = [
            model.objects.count() for model in (Study, Series, Instance, NameToken, Report, Patient, ShareLinkStudy)
        ]
        assert left == [0] * 7
        assert Destruction.objects.get().reason == f"deletion-run:{run.id}"


def test_a_queued_study_is_in_the_bin_and_nobody_takes_it_out(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    approved(officer, owner)

    destroying.carry_out(tenant_id=tenant.id)

    assert not is_there(study)
    with pytest.raises(StudyDoomedError):
        restore_study(actor=owner, study_id=study.id)


def test_a_second_round_changes_nothing(tenant: Tenant, officer: Actor, owner: Actor, study: Study) -> None:
    approved(officer, owner)

    first = destroying.carry_out(tenant_id=tenant.id)
    second = destroying.carry_out(tenant_id=tenant.id)

    assert (first.queued, second.queued, second.removed) == (1, 0, 0)


def test_the_event_of_the_second_approval_carries_the_run_out(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    run = approved(officer, owner)

    outbox.drain([tenant.id])

    assert item_states(tenant, run.id) == ["shred_queued"]


def test_a_new_visit_after_the_approval_keeps_the_study(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    run = approved(officer, owner)
    with tenant_scope(tenant.id):
        Study.objects.filter(id=study.id).update(study_date=today())

    destroying.carry_out(tenant_id=tenant.id)

    with tenant_scope(tenant.id):
        item = DeletionItem.objects.get()
        assert (item.state, item.kept_because) == ("active", "not_due")
        assert runs.get(run.id).state == "done"


def test_the_wish_of_somebody_who_was_merged_is_carried_out(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    other = make_old_study(tenant, "other", PatientID="P-2", PatientName="Bert^B")
    with tenant_scope(tenant.id):
        wish = KeepingRequest.objects.create(
            tenant_id=tenant.id,
            patient_id=study.patient_id,
            access_id=uuid7(),
            study_ids=[str(study.id)],
            wish="erase",
            state="granted",
            answer="As the law allows.",
        )
    merge_patients(actor=make_actor(tenant, "technician"), study_id=study.id, into_id=other.patient_id)
    run = approved(officer, owner)
    with tenant_scope(tenant.id):
        assert [item.is_requested for item in runs.list_items(run.id)] == [True, True]
    for step in ("shred_queued", "objects_gone", "final"):
        if step != "shred_queued":
            pass_barrier(tenant, step)
        destroying.carry_out(tenant_id=tenant.id)

    with tenant_scope(tenant.id):
        wish.refresh_from_db()
    assert wish.state == "done"


# --- stop, un-stop, holds ---------------------------------------------------------------------------------------------


def queued(tenant: Tenant, officer: Actor, owner: Actor) -> DeletionRun:
    run = approved(officer, owner)
    destroying.carry_out(tenant_id=tenant.id)
    return run


STAGES: dict[str, Callable[[Tenant, Actor, Actor], DeletionRun]] = {
    "dry run": lambda _tenant, officer, _owner: begin(officer),
    "approved": lambda _tenant, officer, owner: approved(officer, owner),
    "queued": queued,
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stop_at_any_stage_before_the_key_is_destroyed_keeps_everything(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study, stage: str
) -> None:
    run = STAGES[stage](tenant, officer, owner)

    assert runs.stop(actor=owner, run_id=run.id, reason="A letter of a lawyer came") == 0
    destroying.carry_out(tenant_id=tenant.id)

    assert item_states(tenant, run.id) == ["pending_delete"]
    assert is_there(study)
    with tenant_scope(tenant.id):
        assert Destruction.objects.count() == 0
        assert (runs.get(run.id).state, runs.get(run.id).approved_by) == ("stopped", None)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stop_can_be_taken_back_and_asks_for_both_approvals_again(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study, stage: str
) -> None:
    run = STAGES[stage](tenant, officer, owner)
    runs.stop(actor=owner, run_id=run.id, reason="Wait")

    runs.go_on(actor=officer, run_id=run.id)

    with time_machine.travel(now() + AFTER, tick=False):
        assert runs.approve(actor=owner, run_id=run.id) is False
        assert runs.approve(actor=officer, run_id=run.id) is True
    assert destroying.carry_out(tenant_id=tenant.id).queued == 1


@pytest.mark.parametrize("of_patient", [False, True])
@pytest.mark.parametrize("stage", STAGES)
def test_a_hold_at_any_stage_wins(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study, stage: str, of_patient: bool
) -> None:
    run = STAGES[stage](tenant, officer, owner)

    hold(officer, study, of_patient=of_patient)
    destroying.carry_out(tenant_id=tenant.id)

    assert item_states(tenant, run.id) == ["held"]
    assert is_there(study)


def test_a_hold_that_ends_while_the_run_goes_on_lets_the_study_go(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    other = make_old_study(tenant, "other")
    run = approved(officer, owner)
    hold(officer, study)
    destroying.carry_out(tenant_id=tenant.id)
    with tenant_scope(tenant.id):
        (standing,) = holds.list_standing()
    holds.release(actor=officer, hold_id=standing.id, reason="Settled")

    destroying.carry_out(tenant_id=tenant.id)

    assert item_states(tenant, run.id) == ["shred_queued", "shred_queued"]
    assert not is_there(other)


def test_a_hold_that_comes_after_the_key_is_destroyed_is_told_so(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    queued(tenant, officer, owner)
    pass_barrier(tenant)

    with pytest.raises(DestructionBegunError):
        hold(officer, study)

    with tenant_scope(tenant.id):
        assert holds.list_standing() == []


def test_a_stop_that_comes_too_late_says_for_how_many(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    run = queued(tenant, officer, owner)
    pass_barrier(tenant)

    assert runs.stop(actor=owner, run_id=run.id, reason="Too late") == 1


def test_a_run_that_was_given_up_lets_its_studies_into_the_next(officer: Actor, owner: Actor, study: Study) -> None:
    run = begin(officer)
    runs.stop(actor=owner, run_id=run.id, reason="No")

    runs.give_up(actor=officer, run_id=run.id)

    assert runs.begin(actor=officer) != run.id


def test_a_run_that_is_not_stopped_is_neither_resumed_nor_given_up(officer: Actor, study: Study) -> None:
    run = begin(officer)

    with pytest.raises(RunStateError):
        runs.go_on(actor=officer, run_id=run.id)
    with pytest.raises(RunStateError):
        runs.give_up(actor=officer, run_id=run.id)


# --- the bin ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def binned(tenant: Tenant) -> Study:
    """A study of today that was put into the bin two months ago."""
    study = make_old_study(tenant, "rubbish", StudyDate=f"{today():%Y%m%d}")
    delete_study(actor=system_actor(tenant.id), study_id=study.id)
    with tenant_scope(tenant.id):
        Study.objects.filter(id=study.id).update(deleted_at=now() - dt.timedelta(days=60))
    return study


def test_the_bin_is_emptied_on_the_same_way(tenant: Tenant, officer: Actor, owner: Actor, binned: Study) -> None:
    run_id = runs.begin(actor=officer, kind="bin", reason="A test picture of the phantom")
    with time_machine.travel(now() + AFTER, tick=False):
        runs.approve(actor=officer, run_id=run_id)
        runs.approve(actor=owner, run_id=run_id)

    destroying.carry_out(tenant_id=tenant.id)
    assert item_states(tenant, run_id) == ["shred_queued"]

    runs.stop(actor=owner, run_id=run_id, reason="Wait")
    with tenant_scope(tenant.id):
        assert Study.objects.get(id=binned.id).deleted_at is not None


def test_the_bin_is_not_emptied_without_a_reason(officer: Actor, binned: Study) -> None:
    with pytest.raises(RunRefusedError):
        runs.begin(actor=officer, kind="bin")


def test_a_hold_keeps_what_lies_in_the_bin(officer: Actor, binned: Study) -> None:
    hold(officer, binned)

    with pytest.raises(NothingDueError):
        runs.begin(actor=officer, kind="bin", reason="A test picture")


def test_what_was_binned_lately_can_still_be_missed(tenant: Tenant, officer: Actor, binned: Study) -> None:
    with tenant_scope(tenant.id):
        Study.objects.filter(id=binned.id).update(deleted_at=now())

    with pytest.raises(NothingDueError):
        runs.begin(actor=officer, kind="bin", reason="A test picture")


def test_what_was_taken_out_of_the_bin_again_is_kept(
    tenant: Tenant, officer: Actor, owner: Actor, binned: Study
) -> None:
    run_id = runs.begin(actor=officer, kind="bin", reason="A test picture of the phantom")
    with time_machine.travel(now() + AFTER, tick=False):
        runs.approve(actor=officer, run_id=run_id)
        restore_study(actor=owner, study_id=binned.id)
        runs.approve(actor=owner, run_id=run_id)

    destroying.carry_out(tenant_id=tenant.id)

    assert item_states(tenant, run_id) == ["active"]
    assert is_there(binned)


def test_what_is_held_in_a_run_that_goes_on_comes_into_no_other(
    tenant: Tenant, officer: Actor, owner: Actor, study: Study
) -> None:
    begin(officer)
    hold(officer, study)
    with tenant_scope(tenant.id):
        (standing,) = holds.list_standing()
    holds.release(actor=officer, hold_id=standing.id, reason="Settled")

    with pytest.raises(NothingDueError):
        runs.begin(actor=officer)
