"""The addressable specifications: what was decided about each, and why (45 CFR 164.306(d)(3))."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import today
from common.scope import tenant_scope
from compliance.models import SpecDecision
from compliance.packs import selectors as packs
from compliance.packs.content import Item
from compliance.remediation.errors import DecisionRefusedError, SpecificationNotFoundError

# A decision rests on how the practice is today; it is looked at again within this time.
MAX_REVIEW: Final = dt.timedelta(days=366)
Outcome = SpecDecision.Outcome


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """What is decided, to be recorded."""

    outcome: str
    rationale: str
    review_date: dt.date
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class DecidedSpec:
    """One addressable specification, and the decision that holds (absent fields: none was taken)."""

    spec_id: str
    citation: str
    title: str
    text: str
    outcome: str = ""
    rationale: str = ""
    alternative: str = ""
    review_date: dt.date | None = None
    decided_by: str = ""
    decided_at: dt.datetime | None = None

    @property
    def is_overdue(self) -> bool:
        """Say whether the decision should have been looked at again."""
        return self.review_date is not None and self.review_date < today()


def list_specs() -> list[DecidedSpec]:
    """List the addressable specifications in the order of the rule, each with the decision that holds."""
    holding = _holding()
    return [_spec(item, holding.get(item.id)) for item in packs.active().addressable()]


def history(spec_id: str) -> list[DecidedSpec]:
    """List all decisions on one specification, newest first."""
    item = _item(spec_id)
    rows = SpecDecision.objects.select_related("decided_by").filter(spec_id=spec_id).order_by("-id")
    return [_spec(item, row) for row in rows]


def get_spec(spec_id: str) -> DecidedSpec:
    """Return one specification, or raise."""
    return _spec(_item(spec_id), _holding(spec_id).get(spec_id))


def decided_ids() -> set[str]:
    """Return the specifications with a decision that is not past its review."""
    return {spec_id for spec_id, row in _holding().items() if row.review_date >= today()}


def undecided_ids() -> list[str]:
    """List the specifications without a decision that holds, in the order of the rule."""
    return [one.spec_id for one in list_specs() if not one.outcome or one.is_overdue]


def decide(*, actor: Actor, spec_id: str, draft: DecisionDraft) -> UUID:
    """Record a decision on an addressable specification; the same again changes nothing.

    Raises
    ------
    SpecificationNotFoundError
        If the active packs have no addressable specification of this id.
    DecisionRefusedError
        If it has no reason, no alternative where one is claimed, or no review within a year.
    """
    with tenant_scope(actor.tenant_id):
        _item(spec_id)
        access.require(actor, "compliance.write")
        _check(draft)
        held = _holding(spec_id).get(spec_id)
        if held is not None and _says_the_same(held, draft):
            found: UUID = held.id
            return found
        with transaction.atomic():
            made: SpecDecision = SpecDecision.objects.create(
                tenant_id=actor.tenant_id,
                spec_id=spec_id,
                outcome=Outcome(draft.outcome),
                rationale=draft.rationale.strip(),
                alternative=draft.alternative.strip(),
                review_date=draft.review_date,
                decided_by_id=actor.id if actor.kind is ActorKind.USER else None,
            )
            audit.record(
                actor=actor,
                action="decision.recorded",
                subject_id=made.id,
                detail={"spec": spec_id, "outcome": made.outcome},
            )
    return made.id


def _check(draft: DecisionDraft) -> None:
    if not draft.rationale.strip():
        raise DecisionRefusedError("Give the reason: the rule asks for it in writing.")
    if draft.outcome == Outcome.ALTERNATIVE and not draft.alternative.strip():
        raise DecisionRefusedError("Describe the alternative that is in place.")
    if not today() < draft.review_date <= today() + MAX_REVIEW:
        raise DecisionRefusedError("Choose a day within the next year on which the decision is looked at again.")


def _says_the_same(row: SpecDecision, draft: DecisionDraft) -> bool:
    said = (row.outcome, row.rationale, row.alternative, row.review_date)
    return said == (draft.outcome, draft.rationale.strip(), draft.alternative.strip(), draft.review_date)


def _holding(spec_id: str = "") -> dict[str, SpecDecision]:
    rows = SpecDecision.objects.select_related("decided_by").order_by("id")
    return {row.spec_id: row for row in (rows.filter(spec_id=spec_id) if spec_id else rows)}


def _item(spec_id: str) -> Item:
    found = next((item for item in packs.active().addressable() if item.id == spec_id), None)
    if found is None:
        raise SpecificationNotFoundError
    return found


def _spec(item: Item, row: SpecDecision | None) -> DecidedSpec:
    if row is None:
        return DecidedSpec(item.id, item.citation, item.title, item.text)
    return DecidedSpec(
        spec_id=item.id,
        citation=item.citation,
        title=item.title,
        text=item.text,
        outcome=row.outcome,
        rationale=row.rationale,
        alternative=row.alternative,
        review_date=row.review_date,
        decided_by=row.decided_by.name if row.decided_by else "",
        decided_at=row.decided_at,
    )
