"""How long one study is kept, and everything that bears on it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from common.clock import today
from compliance.models import DeletionItem, KeepingExtension
from compliance.retention import circumstances, explaining, extensions, holds, policy, reckoning
from compliance.retention.circumstances import Circumstances
from compliance.retention.contexts.deletion import HoldLine, hold_lines
from compliance.retention.explaining import Explanation
from pacs import retained


@dataclass(frozen=True, slots=True)
class ExtensionLine:
    """One extension."""

    id: UUID
    kind: str
    years: int | None
    until: dt.date | None
    is_of_patient: bool
    made_by: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class SummaryCard:
    """The short form, for the page of the study."""

    study_id: UUID
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Everything."""

    study_id: UUID
    patient: str
    study_date: dt.date | None
    modalities: str
    description: str
    is_binned: bool
    explanation: Explanation
    holds: tuple[HoldLine, ...]
    extensions: tuple[ExtensionLine, ...]
    circumstances: Circumstances
    run_number: int | None
    run_id: UUID | None
    is_viewable: bool
    can_hold: bool
    can_extend: bool
    can_manage: bool


def build_summary(*, actor: Actor, study_id: UUID) -> SummaryCard:
    """Return the short form (inside the open scope)."""
    study = retained.get(actor=actor, study_id=study_id, action="retention.explain")
    terms = policy.terms()
    found = reckoning.of_study(terms, study)
    return SummaryCard(study.id, explaining.explain(terms, found, today=today()))


def build(*, actor: Actor, study_id: UUID) -> StudyPage:
    """Return the page (inside the open scope)."""
    study = retained.get(actor=actor, study_id=study_id, action="retention.explain")
    terms = policy.terms()
    found = reckoning.of_study(terms, study)
    item = DeletionItem.objects.select_related("run").filter(study_id=study.id).order_by("-run__number").first()
    return StudyPage(
        study_id=study.id,
        patient=retained.names_of([study.id]).get(study.id, ""),
        study_date=study.study_date,
        modalities=study.modalities,
        description=study.description,
        is_binned=study.binned_at is not None,
        explanation=explaining.explain(terms, found, today=today()),
        holds=tuple(hold_lines(holds.list_of(study))),
        extensions=tuple(_extensions(extensions.list_of(patient_id=study.patient_id, study_id=study.id))),
        circumstances=circumstances.of(study.patient_id),
        run_number=item.run.number if item else None,
        run_id=item.run_id if item and access.allows(actor, "retention.read") else None,
        is_viewable=study.binned_at is None and access.allows(actor, "study.view"),
        can_hold=access.allows(actor, "retention.hold"),
        can_extend=access.allows(actor, "retention.extend"),
        can_manage=access.allows(actor, "retention.manage"),
    )


def _extensions(rows: list[KeepingExtension]) -> Iterable[ExtensionLine]:
    names = accounts.names_of_users({row.made_by for row in rows})
    for row in rows:
        yield ExtensionLine(
            id=row.id,
            kind=str(KeepingExtension.Kind(row.kind).label),
            years=row.years,
            until=row.until_date,
            is_of_patient=row.study_id is None,
            made_by=names.get(row.made_by, ""),
            made_at=row.made_at,
        )
