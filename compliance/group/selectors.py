"""A group at a glance: every practice in which a person may read compliance, and its sites. Nothing of any other."""

from collections import Counter
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor, ActorKind
from common.clock import today
from common.scope import tenant_scope
from compliance.analysis import selectors as analyses
from compliance.incidents import selectors as incidents
from compliance.models import Asset, Risk
from compliance.policies import selectors as policies
from compliance.remediation import selectors as tasks
from compliance.requests import selectors as requests
from compliance.vendors import selectors as vendors

# Levels 4 and 5 of the method: high and very high.
HIGH: Final = 4


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """One site of a practice: what stands there and how much of it is at high risk."""

    name: str
    assets: int
    high_risks: int


@dataclass(frozen=True, slots=True)
class PracticeFigures:
    """One practice: where its analysis stands and what is open."""

    tenant_id: UUID
    name: str
    analysis: str
    is_stale: bool
    high_risks: int
    overdue_tasks: int
    missing_agreements: int
    open_incidents: int
    late_requests: int
    policies_in_force: int
    sites: tuple[SiteFigures, ...]


def list_practices(actor: Actor) -> list[PracticeFigures]:
    """List the practices of a person by name: by each membership's own roles, one after another in its own scope."""
    if actor.kind is not ActorKind.USER:
        return []
    mine = [
        (one.name, Actor(tenant_id=one.id, kind=ActorKind.USER, id=actor.id, roles=one.roles))
        for one in accounts.tenants_of_user(actor.id)
    ]
    found = [_figures(name, member) for name, member in mine if access.allows(member, "compliance.read")]
    return sorted(found, key=lambda one: one.name.casefold())


def _figures(name: str, member: Actor) -> PracticeFigures:
    with tenant_scope(member.tenant_id):
        analysis = analyses.current_analysis(member)
        cases = incidents.list_cases()
        late = [row for row in requests.list_requests(only_open=True) if requests.due_date(row) < today()]
        high = _high_risks(analysis.id) if analysis else []
        return PracticeFigures(
            tenant_id=member.tenant_id,
            name=name,
            analysis=str(analysis.get_state_display()) if analysis else "",
            is_stale=bool(analysis and analysis.state == "stale"),
            high_risks=len(high),
            overdue_tasks=tasks.count_overdue(),
            missing_agreements=sum(one.is_missing for one in vendors.list_standing()),
            open_incidents=sum(case.incident.closed_at is None for case in cases),
            late_requests=len(late),
            policies_in_force=sum(one.in_force is not None for one in policies.list_standing()),
            sites=_sites(high),
        )


def _high_risks(analysis_id: UUID) -> list[str]:
    """Return the site of each confirmed risk of a high level; empty where it has none."""
    rows = Risk.objects.filter(analysis_id=analysis_id, state=Risk.State.CONFIRMED, current_level__gte=HIGH)
    return [site or "" for site in rows.values_list("asset__site", flat=True)]


def _sites(high: list[str]) -> tuple[SiteFigures, ...]:
    present = Counter(Asset.objects.present().values_list("site", flat=True))
    risky = Counter(high)
    known = {site.name for site in accounts.list_sites(only_active=True)} | set(present) | set(risky)
    return tuple(SiteFigures(site, present[site], risky[site]) for site in sorted(known) if site)


def member_of(actor: Actor, practice: PracticeFigures) -> Actor:
    """Return the person as a member of one of the practices, for its access log."""
    return Actor(tenant_id=practice.tenant_id, kind=actor.kind, id=actor.id)
