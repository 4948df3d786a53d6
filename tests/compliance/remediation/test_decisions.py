"""Decisions on addressable specifications."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from common.actor import Actor
from common.clock import today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import SpecDecision
from compliance.remediation import decisions
from compliance.remediation.decisions import DecisionDraft
from compliance.remediation.errors import DecisionRefusedError, SpecificationNotFoundError
from tests.factories.analysis import make_practice
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db

SPEC = "SR-312-a2iv"
IN_A_YEAR = dt.timedelta(days=365)


@pytest.fixture
def officer() -> Actor:
    return make_practice().officer


def draft(
    outcome: str = "implemented", rationale: str = "Disks are encrypted", alternative: str = "", days: int = 300
) -> DecisionDraft:
    return DecisionDraft(outcome, rationale, today() + dt.timedelta(days=days), alternative)


@pytest.mark.req("RA-11")
def test_22_specifications_are_addressable_and_open_until_decided(officer: Actor) -> None:
    with tenant_scope(officer.tenant_id):
        assert len(decisions.list_specs()) == 22
        assert len(decisions.undecided_ids()) == 22

    decisions.decide(actor=officer, spec_id=SPEC, draft=draft())

    with tenant_scope(officer.tenant_id):
        assert decisions.decided_ids() == {SPEC}
        found = decisions.get_spec(SPEC)
    assert (found.citation, found.outcome, found.decided_by) == ("164.312(a)(2)(iv)", "implemented", "Person")


def test_a_later_decision_replaces_and_keeps_the_earlier(officer: Actor) -> None:
    decisions.decide(actor=officer, spec_id=SPEC, draft=draft())
    decisions.decide(
        actor=officer, spec_id=SPEC, draft=draft("alternative", "The modality allows none", "A locked room")
    )

    with tenant_scope(officer.tenant_id):
        assert decisions.get_spec(SPEC).outcome == "alternative"
        assert [one.outcome for one in decisions.history(SPEC)] == ["alternative", "implemented"]


def test_the_same_decision_twice_is_one(officer: Actor) -> None:
    assert decisions.decide(actor=officer, spec_id=SPEC, draft=draft()) == decisions.decide(
        actor=officer, spec_id=SPEC, draft=draft()
    )


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"rationale": " "}, "reason"),
        ({"outcome": "alternative"}, "alternative"),
        ({"days": 0}, "next year"),
        ({"days": 800}, "next year"),
    ],
)
def test_a_decision_lacks_nothing(officer: Actor, given: dict[str, object], refusal: str) -> None:
    with pytest.raises(DecisionRefusedError, match=refusal):
        decisions.decide(actor=officer, spec_id=SPEC, draft=draft(**given))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("spec_id", ["SR-312-a2i", "SR-NOTHING"])
def test_what_is_required_or_unknown_is_not_decided_about(officer: Actor, spec_id: str) -> None:
    with pytest.raises(SpecificationNotFoundError):
        decisions.decide(actor=officer, spec_id=spec_id, draft=draft())


def test_the_auditor_reads_and_decides_nothing(officer: Actor) -> None:
    tenant = make_tenant()

    with pytest.raises(ForbiddenError):
        decisions.decide(actor=make_actor(tenant, "auditor"), spec_id=SPEC, draft=draft())


def test_a_decision_can_neither_be_changed_nor_deleted(officer: Actor) -> None:
    decisions.decide(actor=officer, spec_id=SPEC, draft=draft())

    with tenant_scope(officer.tenant_id):
        rows = SpecDecision.objects.all()
        for change in (lambda: rows.update(rationale="x"), rows.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
