"""The frame of an analysis: scope, classes of assets, who takes part, when it is looked at again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from compliance.analysis import questionnaire, selectors
from compliance.analysis.errors import DescriptionRefusedError
from compliance.analysis.services.locking import lock
from compliance.assets import selectors as assets
from compliance.models import Analysis
from compliance.models.analysis import KEEP_YEARS


@dataclass(frozen=True, slots=True)
class Frame:
    """What a person says about an analysis as a whole."""

    title: str
    scope: str = ""
    exclusions: str = ""
    assumptions: str = ""
    participants: str = ""
    sites: list[str] = field(default_factory=list)
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    assessor: str = ""
    security_official: str = ""
    practice_owner: str = ""
    keep_years: int = KEEP_YEARS
    next_review_date: dt.date | None = None
    review_triggers: list[str] = field(default_factory=list)


def describe(*, actor: Actor, analysis_id: UUID, frame: Frame) -> Analysis:
    """Write the frame of an analysis."""
    if not frame.title.strip():
        raise DescriptionRefusedError("Give the analysis a name, such as the year.")
    if frame.period_start and frame.period_end and frame.period_end < frame.period_start:
        raise DescriptionRefusedError("The period ends before it begins.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        analysis = _editable(actor, analysis_id)
        if unknown := set(frame.review_triggers) - set(questionnaire.triggers_of(analysis)):
            raise DescriptionRefusedError("{trigger} is no trigger of the method.", trigger=min(unknown))
        _update(actor, analysis, asdict(frame), "analysis.described")
    return analysis


def declare_classes(*, actor: Actor, analysis_id: UUID, states: Mapping[str, str]) -> Analysis:
    """Say of each class of assets whether the practice has any; what the inventory holds cannot be denied."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        analysis = _editable(actor, analysis_id)
        catalogue = questionnaire.catalogue_of(analysis)
        if not set(states) <= set(catalogue.asset_classes):
            raise DescriptionRefusedError("There is no such class of assets.")
        if not set(states.values()) <= {questionnaire.PRESENT, questionnaire.ABSENT}:
            raise DescriptionRefusedError("A class of assets is present or absent.")
        held = {asset.class_id for asset in assets.assets_for_analysis()}
        denied = sorted(held & {one for one, state in states.items() if state == questionnaire.ABSENT})
        if denied:
            raise DescriptionRefusedError(
                "The inventory holds assets of the class {name}.", name=catalogue.asset_classes[denied[0]]
            )
        _update(actor, analysis, {"asset_classes": dict(states)}, "analysis.classes-declared")
    return analysis


def _editable(actor: Actor, analysis_id: UUID) -> Analysis:
    analysis = selectors.get_analysis(actor=actor, analysis_id=analysis_id)
    access.require(actor, "compliance.write")
    selectors.require_open(analysis)
    return analysis


def _update(actor: Actor, analysis: Analysis, values: Mapping[str, object], action: str) -> None:
    changed = {name: value for name, value in values.items() if getattr(analysis, name) != value}
    if not changed:
        return
    Analysis.objects.filter(id=analysis.id).update(**changed)
    for name, value in changed.items():
        setattr(analysis, name, value)
    audit.record(actor=actor, action=action, subject_id=analysis.id, detail={"fields": sorted(changed)})
