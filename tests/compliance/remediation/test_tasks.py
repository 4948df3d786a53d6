"""Tasks from their opening to their verification, and what nobody may do with them."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from common.actor import Actor
from common.clock import today
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.models import RiskOrigin, Task, TaskEvent
from compliance.remediation import acceptance, selectors, tasks
from compliance.remediation.acceptance import Acceptance
from compliance.remediation.errors import FourEyesError, TaskChangedError, TaskNotFoundError, TaskRefusedError
from compliance.remediation.selectors import TaskFilter, TaskRow
from compliance.remediation.tasks import TaskDraft
from tests.factories.analysis import Practice, Walk, make_practice, make_small_practice
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db

NEXT_MONTH = dt.timedelta(days=30)
DRAFT = TaskDraft("Encrypt the capture station", weakness="Its disk is in plain", due_date=dt.date(2099, 1, 1))


@pytest.fixture
def practice() -> Practice:
    return make_practice()


@pytest.fixture
def officer(practice: Practice) -> Actor:
    return practice.officer


@pytest.fixture
def owner(practice: Practice) -> Actor:
    return make_actor(practice.tenant, "owner")


@pytest.fixture
def task(officer: Actor) -> UUID:
    return tasks.open_task(actor=officer, draft=DRAFT)


@pytest.fixture
def walk() -> Walk:
    return make_small_practice().start()


def read(actor: Actor, task_id: UUID) -> TaskRow:
    with tenant_scope(actor.tenant_id):
        return selectors.get_task(task_id)


def verbs(actor: Actor, task_id: UUID) -> list[str]:
    with tenant_scope(actor.tenant_id):
        return [entry.verb for entry in reversed(selectors.history(task_id))]


def terms(
    until: dt.date | None = None, reason: str = "A new unit is ordered", measures: str = "It is cut off the network"
) -> Acceptance:
    return Acceptance(reason, measures, until or today() + NEXT_MONTH)


@pytest.mark.req("RA-19")
def test_a_task_goes_from_opening_to_verification_by_somebody_else(officer: Actor, owner: Actor, task: UUID) -> None:
    tasks.start(actor=officer, task_id=task, version=1)
    tasks.finish(actor=officer, task_id=task, version=2, evidence="BitLocker report of 3 May")
    tasks.verify(actor=owner, task_id=task, version=3, note="Looked at the report and at the machine")

    found = read(officer, task)
    assert (found.state, found.evidence) == ("verified", "BitLocker report of 3 May")
    assert found.done_by_id == officer.id
    assert verbs(officer, task) == ["opened", "started", "done", "verified"]


@pytest.mark.req("RA-19")
def test_who_did_the_work_cannot_verify_it(officer: Actor, task: UUID) -> None:
    tasks.finish(actor=officer, task_id=task, version=1, evidence="Done")

    with pytest.raises(FourEyesError):
        tasks.verify(actor=officer, task_id=task, version=2, note="Looks good to me")

    assert read(officer, task).state == "done"


def test_the_database_itself_refuses_one_pair_of_eyes(officer: Actor, task: UUID) -> None:
    with tenant_scope(officer.tenant_id), pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(id=task).update(state="verified", done_by_id=officer.id, verified_by_id=officer.id)


def test_what_was_not_done_well_goes_back_and_can_be_done_again(officer: Actor, owner: Actor, task: UUID) -> None:
    tasks.finish(actor=officer, task_id=task, version=1, evidence="Done")
    tasks.send_back(actor=owner, task_id=task, version=2, reason="The second disk is missing")
    tasks.finish(actor=officer, task_id=task, version=3, evidence="Both disks")

    assert read(officer, task).state == "done"
    assert verbs(officer, task) == ["opened", "done", "sent_back", "done"]


def test_a_verified_task_that_did_not_hold_is_opened_again(officer: Actor, owner: Actor, task: UUID) -> None:
    tasks.finish(actor=officer, task_id=task, version=1, evidence="Done")
    tasks.verify(actor=owner, task_id=task, version=2, note="Seen")
    tasks.reopen(actor=officer, task_id=task, version=3, reason="The disk was replaced by one in plain")

    found = read(officer, task)
    assert (found.state, found.done_by, found.verified_by) == ("open", "", "")


@pytest.mark.parametrize(
    ("verb", "named"),
    [
        ("block", {"reason": " "}),
        ("finish", {"evidence": ""}),
        ("add_note", {"note": "\n"}),
        ("reopen", {"reason": ""}),
    ],
)
def test_a_step_without_a_word_is_refused(officer: Actor, task: UUID, verb: str, named: dict[str, str]) -> None:
    version = {} if verb == "add_note" else {"version": 1}

    with pytest.raises(TaskRefusedError):
        getattr(tasks, verb)(actor=officer, task_id=task, **version, **named)


def test_a_task_that_is_not_done_cannot_be_verified(owner: Actor, officer: Actor, task: UUID) -> None:
    with pytest.raises(TaskRefusedError, match="to do"):
        tasks.verify(actor=owner, task_id=task, version=1, note="Seen")


def test_of_two_who_change_the_same_version_one_is_told(officer: Actor, owner: Actor, task: UUID) -> None:
    tasks.block(actor=officer, task_id=task, version=1, reason="The vendor does not answer")

    with pytest.raises(TaskChangedError):
        tasks.start(actor=owner, task_id=task, version=1)


def test_the_same_step_twice_is_one(officer: Actor, task: UUID) -> None:
    tasks.start(actor=officer, task_id=task, version=1)
    tasks.start(actor=officer, task_id=task, version=1)

    assert verbs(officer, task) == ["opened", "started"]


def test_a_change_says_what_it_changed(officer: Actor, task: UUID) -> None:
    draft = TaskDraft(DRAFT.title, DRAFT.weakness, due_date=dt.date(2099, 2, 1), priority="high")
    tasks.change_task(actor=officer, task_id=task, version=1, draft=draft)

    with tenant_scope(officer.tenant_id):
        newest = selectors.history(task)[0]
    assert newest.changes == {"due_date": ["2099-01-01", "2099-02-01"], "priority": ["moderate", "high"]}


def test_history_can_neither_be_changed_nor_deleted(officer: Actor, task: UUID) -> None:
    with tenant_scope(officer.tenant_id):
        rows = TaskEvent.objects.filter(task_id=task)
        for change in (lambda: rows.update(note="x"), rows.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_the_owner_of_a_task_does_its_work_without_more_rights(practice: Practice, officer: Actor) -> None:
    dentist, other = make_actor(practice.tenant, "dentist"), make_actor(practice.tenant, "dentist")
    task = tasks.open_task(actor=officer, draft=TaskDraft("Lock the screen", owner_id=dentist.id))
    with pytest.raises(ForbiddenError):
        tasks.start(actor=other, task_id=task, version=1)

    tasks.start(actor=dentist, task_id=task, version=1)
    tasks.finish(actor=dentist, task_id=task, version=2, evidence="It locks after 10 minutes")

    assert read(officer, task).state == "done"
    with pytest.raises(ForbiddenError):
        tasks.reopen(actor=dentist, task_id=task, version=3, reason="No")


@pytest.mark.parametrize("role", ["auditor", "administrator", "technician"])
def test_only_who_writes_compliance_opens_changes_and_accepts(practice: Practice, task: UUID, role: str) -> None:
    member = make_actor(practice.tenant, role)

    with pytest.raises(ForbiddenError):
        tasks.open_task(actor=member, draft=DRAFT)
    with pytest.raises(ForbiddenError):
        tasks.change_task(actor=member, task_id=task, version=1, draft=DRAFT)
    with pytest.raises(ForbiddenError):
        acceptance.accept(actor=member, task_id=task, version=1, terms=terms())


def test_a_task_of_another_practice_is_absent(task: UUID) -> None:
    stranger = make_actor(make_tenant(), "owner")

    with pytest.raises(TaskNotFoundError):
        tasks.start(actor=stranger, task_id=task, version=1)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"title": " "}, "title"),
        ({"question_id": "Q-S1-01", "spec_id": "SR-312-a2iv"}, "one risk, one question or one specification"),
        ({"question_id": "Q-NOTHING"}, "no such question"),
        ({"spec_id": "SR-NOTHING"}, "no such specification"),
        ({"risk_id": uuid7()}, "no such risk"),
        ({"owner_id": uuid7()}, "Nobody"),
    ],
)
def test_a_task_about_nothing_is_refused(officer: Actor, changes: dict[str, object], refusal: str) -> None:
    with pytest.raises((TaskRefusedError, TaskNotFoundError), match=refusal):
        tasks.open_task(actor=officer, draft=TaskDraft(**{"title": "x", **changes}))  # type: ignore[arg-type]  # by name


def test_tasks_are_numbered_and_one_about_the_same_gap_is_opened_once(officer: Actor) -> None:
    first = tasks.open_task(actor=officer, draft=TaskDraft("Train", question_id="Q-S1-01"))
    again = tasks.open_task(actor=officer, draft=TaskDraft("Train all", question_id="Q-S1-01"))
    second = tasks.open_task(actor=officer, draft=TaskDraft("Train again", question_id="Q-S1-02"))

    assert first == again
    assert [read(officer, one).number for one in (first, second)] == [1, 2]


# --- acceptance -------------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-19")
def test_a_risk_is_accepted_by_name_with_reason_measures_and_an_end(officer: Actor, task: UUID) -> None:
    acceptance.accept(actor=officer, task_id=task, version=1, terms=terms())

    found = read(officer, task)
    assert (found.state, found.accepted_by, found.is_expired) == ("accepted", "Person", False)
    assert found.accepted_until_date == today() + NEXT_MONTH


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"reason": ""}, "reason"),
        ({"measures": " "}, "keeps the risk small"),
        ({"until": today() + dt.timedelta(days=400)}, "12 months"),
        ({"until": today()}, "12 months"),
    ],
)
def test_an_acceptance_lacks_nothing(officer: Actor, task: UUID, given: dict[str, object], refusal: str) -> None:
    with pytest.raises(TaskRefusedError, match=refusal):
        acceptance.accept(actor=officer, task_id=task, version=1, terms=terms(**given))  # type: ignore[arg-type]  # by name


@pytest.mark.req("RA-19")
def test_a_required_specification_cannot_be_accepted_away(officer: Actor) -> None:
    required = tasks.open_task(actor=officer, draft=TaskDraft("Name users", spec_id="SR-312-a2i"))
    addressable = tasks.open_task(actor=officer, draft=TaskDraft("Encrypt", spec_id="SR-312-a2iv"))

    with pytest.raises(TaskRefusedError, match=r"164\.312\(a\)\(2\)\(i\)"):
        acceptance.accept(actor=officer, task_id=required, version=1, terms=terms())
    acceptance.accept(actor=officer, task_id=addressable, version=1, terms=terms())

    assert read(officer, addressable).state == "accepted"


def test_neither_can_the_gap_of_a_question_that_asks_for_one(officer: Actor) -> None:
    task = tasks.open_task(actor=officer, draft=TaskDraft("Do it", question_id="Q-S1-01"))

    with pytest.raises(TaskRefusedError, match=r"164\.308\(a\)\(1\)\(ii\)\(A\)"):
        acceptance.accept(actor=officer, task_id=task, version=1, terms=terms())


def test_a_very_high_risk_is_accepted_by_the_owner_only(walk: Walk) -> None:
    risk = walk.risks()[0]
    walk.rate(risk, likelihood=5, impact=5)
    owner = make_actor(walk.practice.tenant, "owner")
    task = tasks.open_task(actor=walk.officer, draft=TaskDraft("Reduce it", risk_id=risk.id))
    with pytest.raises(ForbiddenError, match="owner"):
        acceptance.accept(actor=walk.officer, task_id=task, version=1, terms=terms())

    acceptance.accept(actor=owner, task_id=task, version=1, terms=terms())

    assert read(walk.officer, task).state == "accepted"


def test_a_risk_behind_which_nothing_required_is_in_place_is_not_accepted(walk: Walk) -> None:
    question = next(one for one in walk.catalogue.questions.values() if "164.308(a)(7)(ii)(A)" in one.citations)
    walk.answer(question.id, "none")
    walk.practice.deliver()
    with tenant_scope(walk.officer.tenant_id):
        risk = RiskOrigin.objects.filter(question_id=question.id).first().risk
    task = tasks.open_task(actor=walk.officer, draft=TaskDraft("Back it up", risk_id=risk.id))

    with pytest.raises(TaskRefusedError, match="required specification"):
        acceptance.accept(actor=walk.officer, task_id=task, version=1, terms=terms())


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_most_urgent_tasks_come_first(officer: Actor) -> None:
    for title, priority, day in (("c", "low", 1), ("b", "high", 9), ("a", "high", 2), ("z", "very_high", 30)):
        due = today() + dt.timedelta(days=day)
        tasks.open_task(actor=officer, draft=TaskDraft(title, priority=priority, due_date=due))

    with tenant_scope(officer.tenant_id):
        assert [row.title for row in selectors.list_tasks()] == ["z", "a", "b", "c"]


def test_a_list_narrows_to_ones_own_and_to_what_is_late(officer: Actor, owner: Actor) -> None:
    late = today() - dt.timedelta(days=1)
    tasks.open_task(actor=officer, draft=TaskDraft("mine", owner_id=officer.id))
    tasks.open_task(actor=officer, draft=TaskDraft("late", owner_id=owner.id, due_date=late))

    with tenant_scope(officer.tenant_id):
        assert [row.title for row in selectors.list_tasks(TaskFilter(owner_id=officer.id))] == ["mine"]
        assert [row.title for row in selectors.list_tasks(TaskFilter(is_overdue=True))] == ["late"]
        assert selectors.count_by_state() == {"open": 2}
        assert selectors.count_overdue() == 1


def test_a_column_of_the_board_shows_the_most_urgent_only(officer: Actor) -> None:
    for number in range(4):
        tasks.open_task(actor=officer, draft=TaskDraft(f"t{number}"))

    with tenant_scope(officer.tenant_id):
        assert [row.title for row in selectors.list_board(TaskFilter(), per_state=2)] == ["t0", "t1"]
