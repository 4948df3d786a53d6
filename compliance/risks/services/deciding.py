"""What people decide about risks: confirm, dismiss, rate, respond."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.scope import tenant_scope
from compliance.analysis import selectors as analyses
from compliance.analysis.services.reasons import need
from compliance.assets import selectors as assets
from compliance.models import RatingChange, Risk, RiskExemption
from compliance.risks import selectors
from compliance.risks.errors import RatingRefusedError, RiskUndecidedError
from compliance.risks.matrix import LEVELS, risk_level

_STAGES = frozenset(RatingChange.Stage.values)


@dataclass(frozen=True, slots=True)
class Rating:
    """How likely, how bad, and why somebody thinks so."""

    likelihood: int
    impact: int
    reason: str


def confirm_risk(*, actor: Actor, risk_id: UUID) -> Risk:
    """Take a proposal, or one that was dismissed, into the register."""
    return _decide(actor, risk_id, state=Risk.State.CONFIRMED, dismiss_reason="")


def dismiss_risk(*, actor: Actor, risk_id: UUID, reason: str) -> Risk:
    """Leave a risk out, for a reason that stays with it."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _open_risk(actor, risk_id)
        return _decide(actor, risk_id, state=Risk.State.DISMISSED, dismiss_reason=need(reason))


def rate_risk(*, actor: Actor, risk_id: UUID, stage: str, likelihood: int, impact: int, reason: str) -> Risk:
    """Rate a confirmed risk; what it was rated before stays on record."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        risk = _open_risk(actor, risk_id)
        if stage not in _STAGES or likelihood not in LEVELS or impact not in LEVELS or not reason.strip():
            raise RatingRefusedError
        if risk.state != Risk.State.CONFIRMED:
            raise RiskUndecidedError
        _rate(actor, risk, stage, Rating(likelihood, impact, reason.strip()))
    return risk


def choose_response(*, actor: Actor, risk_id: UUID, response: str) -> Risk:
    """Say what is done about a risk; this goes on after the analysis is issued."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        risk = selectors.get_risk(actor=actor, risk_id=risk_id)
        access.require(actor, "compliance.write")
        if response not in Risk.Response.values:
            raise RatingRefusedError("A risk is mitigated, accepted, transferred or avoided.")
        if risk.state != Risk.State.CONFIRMED:
            raise RiskUndecidedError
        if Risk.objects.filter(id=risk_id).exclude(response=response).update(response=response):
            risk.response = response
            audit.record(actor=actor, action="risk.response", subject_id=risk_id, detail={"response": response})
    return risk


def describe_risk(*, actor: Actor, risk_id: UUID, owner_name: str, existing_controls: str) -> Risk:
    """Say who owns a risk and what is in place against it."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        risk = _open_risk(actor, risk_id)
        changes = {"owner_name": owner_name.strip()[:120], "existing_controls": existing_controls.strip()}
        if Risk.objects.filter(id=risk_id).exclude(**changes).update(**changes):
            audit.record(actor=actor, action="risk.described", subject_id=risk_id)
        risk.refresh_from_db()
    return risk


def exempt_asset(*, actor: Actor, analysis_id: UUID, asset_id: UUID, reason: str) -> RiskExemption:
    """Document that no reasonably anticipated threat applies to an asset."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        analysis = analyses.get_analysis(actor=actor, analysis_id=analysis_id)
        asset = assets.get_asset(asset_id)
        access.require(actor, "compliance.write")
        analyses.require_open(analysis)
        row: RiskExemption
        row, _ = RiskExemption.objects.update_or_create(
            tenant_id=actor.tenant_id,
            analysis=analysis,
            asset=asset,
            defaults={"reason": need(reason), "decided_by_id": _person(actor), "decided_at": now()},
        )
        audit.record(actor=actor, action="risk.none-applicable", subject_id=asset_id)
    return row


def _open_risk(actor: Actor, risk_id: UUID) -> Risk:
    """Return a risk of an analysis that can still be changed, by somebody who may."""
    risk = selectors.get_risk(actor=actor, risk_id=risk_id)
    access.require(actor, "compliance.write")
    analyses.require_open(risk.analysis)
    return risk


def _decide(actor: Actor, risk_id: UUID, *, state: str, dismiss_reason: str) -> Risk:
    with tenant_scope(actor.tenant_id), transaction.atomic():
        risk = _open_risk(actor, risk_id)
        if (risk.state, risk.dismiss_reason) != (state, dismiss_reason):
            risk.state, risk.dismiss_reason = state, dismiss_reason
            risk.decided_by_id, risk.decided_at = _person(actor), now()
            risk.save(update_fields=["state", "dismiss_reason", "decided_by", "decided_at"])
            audit.record(actor=actor, action=f"risk.{state}", subject_id=risk_id)
    return risk


def _rate(actor: Actor, risk: Risk, stage: str, rating: Rating) -> None:
    level = risk_level(rating.likelihood, rating.impact)
    values = {f"{stage}_likelihood": rating.likelihood, f"{stage}_impact": rating.impact, f"{stage}_level": level}
    latest = RatingChange.objects.filter(risk=risk, stage=stage).order_by("-rated_at", "-id").first()
    if latest is not None and (latest.likelihood, latest.impact, latest.reason) == (
        rating.likelihood,
        rating.impact,
        rating.reason,
    ):
        return
    RatingChange.objects.create(
        tenant_id=risk.tenant_id,
        risk=risk,
        stage=stage,
        likelihood=rating.likelihood,
        impact=rating.impact,
        level=level,
        reason=rating.reason,
        rated_by_id=_person(actor),
    )
    Risk.objects.filter(id=risk.id).update(**values)
    for name, value in values.items():
        setattr(risk, name, value)
    audit.record(actor=actor, action="risk.rated", subject_id=risk.id, detail={"stage": stage, "level": level})


def _person(actor: Actor) -> UUID | None:
    return actor.id if actor.kind is ActorKind.USER else None
