"""Reads of the risk register: one, a page of them, the heat map, the top."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Count, Q

from accounts import access
from common.actor import Actor
from common.ids import parse_uuid
from compliance.models import RatingChange, Risk, RiskExemption, RiskOrigin
from compliance.risks.errors import RiskNotFoundError

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE_ROWS: Final = 25
# How many risks of the same pair can be rated at once.
SAME_PAIR: Final = 50
TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Search:
    """What a person looks for in the register; empty fields do not narrow."""

    text: str = ""
    state: str = ""
    level: str = ""
    response: str = ""
    question_id: str = ""
    subject_key: str = ""
    site: str = ""

    @property
    def is_narrow(self) -> bool:
        """Say whether anything is looked for."""
        return self != Search()


@dataclass(frozen=True, slots=True)
class Page:
    """Some risks, the worst first, and the id that the next page begins behind."""

    rows: list[Risk]
    older: str


def get_risk(*, actor: Actor, risk_id: UUID) -> Risk:
    """Return one risk with its analysis."""
    found: Risk | None = Risk.objects.select_related("analysis", "asset").filter(id=risk_id).first()
    if found is None:
        raise RiskNotFoundError
    access.require(actor, "compliance.read")
    return found


def list_risks(analysis_id: UUID) -> list[Risk]:
    """List the register of an analysis, the worst first."""
    return list(_register(analysis_id))


def find_page(*, analysis_id: UUID, search: Search, cursor: str = "", limit: int = PAGE_ROWS) -> Page:
    """Return one page of the register; a cursor that leads nowhere, the first."""
    found = _register(analysis_id)
    anchor_id = parse_uuid(cursor)
    anchor = found.filter(id=anchor_id).first() if anchor_id else None
    found = found.filter(_condition(search))
    if anchor is not None:
        later = Q(current_level=anchor.current_level, number__gt=anchor.number)
        found = found.filter(
            Q(current_level__lte=anchor.current_level) & (Q(current_level__lt=anchor.current_level) | later)
        )
    rows = list(found[: limit + 1])
    return Page(rows=rows[:limit], older=str(rows[limit - 1].id) if len(rows) > limit else "")


def count_by_state(analysis_id: UUID) -> Counter[str]:
    """Count the risks of an analysis by what was decided about them."""
    found = Risk.objects.filter(analysis_id=analysis_id).order_by().values_list("state").annotate(count=Count("id"))
    return Counter(dict(found))


def spread(analysis_id: UUID) -> list[tuple[str, int | None, int | None, int]]:
    """Count risks by what was decided, likelihood and impact: the heat map and the counts in one query."""
    found = Risk.objects.filter(analysis_id=analysis_id).order_by()
    return list(found.values_list("state", "current_likelihood", "current_impact").annotate(count=Count("id")))


def count_by_question(analysis_id: UUID, question_ids: list[str]) -> Counter[str]:
    """Count the standing risks that the answers to some questions propose."""
    found = RiskOrigin.objects.filter(risk__analysis_id=analysis_id, question_id__in=question_ids)
    standing = found.exclude(risk__state=Risk.State.DISMISSED).order_by()
    return Counter(dict(standing.values_list("question_id").annotate(count=Count("id"))))


def top_risks(analysis_id: UUID, limit: int = TOP) -> list[Risk]:
    """Return the worst of the confirmed and rated risks."""
    found = _register(analysis_id).filter(state=Risk.State.CONFIRMED, current_level__gt=0)
    return list(found[:limit])


def list_ratings(risk_ids: list[UUID]) -> list[RatingChange]:
    """List what risks were rated, newest first."""
    return list(RatingChange.objects.filter(risk_id__in=risk_ids).order_by("-rated_at", "-id"))


def list_origins(risk_id: UUID) -> list[str]:
    """List the questions whose answers propose a risk."""
    found = RiskOrigin.objects.filter(risk_id=risk_id).exclude(question_id="").order_by("question_id")
    return list(found.values_list("question_id", flat=True))


def list_exemptions(analysis_id: UUID) -> list[RiskExemption]:
    """List the assets to which, somebody said, no threat applies."""
    return list(RiskExemption.objects.filter(analysis_id=analysis_id).select_related("asset").order_by("asset__name"))


def list_same_pair(risk: Risk) -> list[Risk]:
    """List the other standing risks of the same pair that nobody rated yet: they may get the same rating at once."""
    found = Risk.objects.standing().filter(
        analysis_id=risk.analysis_id,
        threat_id=risk.threat_id,
        vulnerability_id=risk.vulnerability_id,
        current_level=0,
    )
    return list(found.exclude(id=risk.id).order_by("number")[:SAME_PAIR])


def _register(analysis_id: UUID) -> "QuerySet[Risk]":
    found: QuerySet[Risk] = Risk.objects.filter(analysis_id=analysis_id).order_by("-current_level", "number")
    return found


def _at(site: str) -> Q:
    """Keep what stands at a site, and the flows that begin or end there."""
    return Q(asset__site=site) | Q(flow__source_asset__site=site) | Q(flow__target_asset__site=site)


def _condition(search: Search) -> Q:
    found = Q()
    for word in search.text.lower().split():
        found &= Q(search_text__contains=word)
    if search.state:
        found &= Q(state=search.state)
    if search.level:
        found &= Q(current_level=int(search.level))
    if search.response:
        found &= Q(response="" if search.response == "undecided" else search.response)
    if search.subject_key:
        found &= Q(subject_key=search.subject_key)
    if search.site:
        found &= _at(search.site)
    if search.question_id:
        found &= Q(origins__question_id=search.question_id)
    return found
