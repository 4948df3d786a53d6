"""Taking the register of an earlier analysis over."""

from compliance.models import Analysis, Risk, RiskOrigin
from compliance.models.asset import Asset

_KEPT = (
    *("tenant_id", "number", "threat_id", "vulnerability_id", "asset_id", "flow_id", "subject_key", "subject_name"),
    *("search_text", "statement", "existing_controls", "owner_name"),
)


def carry_over(*, analysis: Analysis, earlier: Analysis) -> None:
    """Propose again what was confirmed, with its numbers and its last rating as the suggestion."""
    gone = Asset.objects.exclude(id__in=Asset.objects.present().values("id")).values("id")
    confirmed = Risk.objects.filter(analysis=earlier, state=Risk.State.CONFIRMED).exclude(asset__in=gone)
    copies = {row.id: _copy(analysis, row) for row in confirmed}
    Risk.objects.bulk_create(copies.values())
    RiskOrigin.objects.bulk_create(
        RiskOrigin(tenant_id=analysis.tenant_id, risk=copies[origin.risk_id], question_id=origin.question_id)
        for origin in RiskOrigin.objects.filter(risk_id__in=list(copies))
    )


def _copy(analysis: Analysis, row: Risk) -> Risk:
    kept = {name: getattr(row, name) for name in _KEPT}
    return Risk(
        analysis=analysis,
        suggested_likelihood=row.current_likelihood or row.suggested_likelihood,
        suggested_impact=row.current_impact or row.suggested_impact,
        **kept,
    )
