"""Runs, their history, drift, and what they say to questions."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.evidence import measuring, registry, selectors, services
from compliance.evidence.errors import ActivityRefusedError, ProbeNotFoundError
from compliance.evidence.reading import Reading
from compliance.evidence.services import ActivityDraft
from compliance.models import Activity, ProbeReading, ProbeRun, ProbeState, StaleReason, Verdict
from outbox import services as outbox
from tests.factories.analysis import Practice, Walk, make_issued, make_practice
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db

Keep = Callable[..., None]


@pytest.fixture
def practice() -> Practice:
    return make_practice()


@pytest.fixture
def issued() -> Walk:
    return make_issued()


def keep_in(practice: Practice, verdict: Verdict, value: Any = True) -> None:
    """Keep one reading of a probe as a run of its own would."""
    with tenant_scope(practice.tenant.id):
        run = ProbeRun.objects.create(tenant_id=practice.tenant.id, total=1)
    found = Reading(value, verdict, "As found.")
    measuring.keep(tenant_id=practice.tenant.id, run_id=run.id, probe_id="P-TLS", found=found)


@pytest.fixture
def keep(practice: Practice) -> Keep:
    return partial(keep_in, practice)


def test_a_run_reads_every_probe_and_says_how_far_it_is(practice: Practice) -> None:
    run_id = services.request_run(actor=practice.officer)
    outbox.drain([practice.tenant.id])

    with tenant_scope(practice.tenant.id):
        run = selectors.latest_run()
        assert run is not None
        assert (run.id, run.done, run.total, run.is_running) == (run_id, run.total, len(registry.all_probes()), False)
        assert list(selectors.latest_readings()) == list(registry.all_probes())


def test_asking_again_while_a_run_is_on_begins_no_second_one(practice: Practice) -> None:
    assert services.request_run(actor=practice.officer) == services.request_run(actor=practice.officer)


def test_a_run_that_died_does_not_block_the_next(practice: Practice) -> None:
    first = services.request_run(actor=practice.officer)
    with tenant_scope(practice.tenant.id):
        ProbeRun.objects.update(requested_at=now() - dt.timedelta(minutes=11))

    assert services.request_run(actor=practice.officer) != first


def test_an_interrupted_run_goes_on_where_it_was(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = services.request_run(actor=practice.officer)
    real = registry.read
    seen: list[str] = []

    def read(probe_id: str, **named: Any) -> Reading:
        if len(seen) == 5:
            seen.append("interrupted")
            raise KeyboardInterrupt
        seen.append(probe_id)
        return real(probe_id, **named)

    monkeypatch.setattr(registry, "read", read)
    with pytest.raises(KeyboardInterrupt):
        measuring.carry_out(tenant_id=practice.tenant.id, run_id=run_id)
    measuring.carry_out(tenant_id=practice.tenant.id, run_id=run_id)

    assert len(seen) == len(registry.all_probes()) + 1
    with tenant_scope(practice.tenant.id):
        assert ProbeReading.objects.filter(run_id=run_id).count() == len(registry.all_probes())


def test_the_clock_measures_each_practice_once_a_day(practice: Practice, frozen_time: Any) -> None:
    services.request_nightly()
    frozen_time.shift(dt.timedelta(hours=22))
    services.request_nightly()
    with tenant_scope(practice.tenant.id):
        assert ProbeRun.objects.count() == 1

    frozen_time.shift(dt.timedelta(hours=2))
    services.request_nightly()

    with tenant_scope(practice.tenant.id):
        assert ProbeRun.objects.count() == 2


def test_the_newest_reading_says_since_when_its_verdict_holds(practice: Practice, keep: Keep, frozen_time: Any) -> None:
    keep(Verdict.PASS)
    frozen_time.shift(dt.timedelta(days=1))
    keep(Verdict.FAIL, value=False)
    since = now()
    frozen_time.shift(dt.timedelta(days=1))
    keep(Verdict.FAIL, value=False)

    with tenant_scope(practice.tenant.id):
        found = selectors.get_reading("P-TLS")
        assert (found.verdict, found.verdict_before, found.verdict_since) == ("fail", "pass", since)
        assert [row.verdict for row in selectors.history("P-TLS")] == ["fail", "fail", "pass"]


@pytest.mark.req("RA-13")
def test_a_value_that_leaves_its_target_makes_the_analysis_stale_and_reopens_its_questions(issued: Walk) -> None:
    question = next(one for one in issued.catalogue.questions.values() if "P-TLS" in one.probe_ids)
    keep_in(issued.practice, Verdict.PASS)
    assert issued.row().state == "issued"

    keep_in(issued.practice, Verdict.FAIL)

    assert issued.row().state == "stale"
    with tenant_scope(issued.practice.tenant.id):
        reason = StaleReason.objects.get(analysis_id=issued.id)
    assert (reason.code, reason.subject) == ("probe-worsened", "P-TLS")
    assert question.id in reason.question_ids
    assert "As found." in issued.answer_row(question.id).confirm_reason


def test_a_first_reading_and_one_that_stays_off_target_tell_nothing_new(issued: Walk) -> None:
    keep_in(issued.practice, Verdict.FAIL)
    keep_in(issued.practice, Verdict.FAIL)
    keep_in(issued.practice, Verdict.UNMEASURED, value=None)

    with tenant_scope(issued.practice.tenant.id):
        assert not StaleReason.objects.exists()


@pytest.mark.req("RA-13")
def test_a_value_off_target_for_a_month_is_told_once_more(frozen_time: Any, issued: Walk) -> None:
    keep_in(issued.practice, Verdict.FAIL)
    for _ in range(4):
        frozen_time.shift(dt.timedelta(days=11))
        keep_in(issued.practice, Verdict.FAIL)

    with tenant_scope(issued.practice.tenant.id):
        assert [reason.code for reason in StaleReason.objects.all()] == ["probe-failing"]


def test_a_measurement_suggests_and_contradicts_and_never_answers(practice: Practice, keep: Keep) -> None:
    walk = practice.start()
    question = next(one for one in walk.catalogue.questions.values() if "P-TLS" in one.probe_ids)
    keep(Verdict.FAIL, value=False)

    with tenant_scope(practice.tenant.id):
        (said,) = [one for one in selectors.suggestions([question.id])[question.id] if one.probe_id == "P-TLS"]
        denied = selectors.contradictions({question.id: "full"})
        agreed = selectors.contradictions({question.id: "none"})
    assert (said.verdict, said.suggests) == ("fail", "fail")
    assert [(one.question_id, one.answer) for one in denied] == [(question.id, "full")]
    assert agreed == []
    assert walk.answer_row(question.id).value == ""


def test_a_reading_can_neither_be_changed_nor_deleted(practice: Practice, keep: Keep) -> None:
    keep(Verdict.PASS)

    with tenant_scope(practice.tenant.id):
        rows = ProbeReading.objects.all()
        for change in (lambda: rows.update(verdict="fail"), rows.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_a_record_is_refused_without_words_or_from_the_future(practice: Practice) -> None:
    tomorrow = today() + dt.timedelta(days=1)
    with pytest.raises(ActivityRefusedError, match="future"):
        services.record_activity(actor=practice.officer, draft=ActivityDraft("log_review", tomorrow, "Done"))
    with pytest.raises(ActivityRefusedError, match="Say what was done"):
        services.record_activity(actor=practice.officer, draft=ActivityDraft("log_review", today(), "  "))

    with tenant_scope(practice.tenant.id):
        assert not Activity.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "dentist", "administrator"])
def test_only_who_writes_compliance_measures_and_records(practice: Practice, role: str) -> None:
    stranger = make_actor(practice.tenant, role)

    with pytest.raises(ForbiddenError):
        services.request_run(actor=stranger)
    with pytest.raises(ForbiddenError):
        services.record_activity(actor=stranger, draft=ActivityDraft("log_review", today(), "Done"))


def test_an_unknown_measurement_is_absent(practice: Practice) -> None:
    with tenant_scope(practice.tenant.id), pytest.raises(ProbeNotFoundError):
        selectors.get_reading("P-NOTHING")


def test_readings_of_another_practice_are_not_there(practice: Practice, keep: Keep) -> None:
    keep(Verdict.PASS)

    with tenant_scope(make_tenant().id):
        assert selectors.latest_readings() == {}
        assert not ProbeState.objects.exists()
