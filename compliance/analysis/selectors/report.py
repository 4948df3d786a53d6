"""An analysis as one value: what its documents print."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import selectors as accounts
from common.actor import Actor
from compliance.analysis import questionnaire
from compliance.analysis.selectors import analyses
from compliance.analysis.selectors.facts import Facts
from compliance.analysis.selectors.gates import Gate, gates_of
from compliance.models import RatingChange, Risk, RiskOrigin
from compliance.packs.content import Method
from compliance.risks import selectors as risks

if TYPE_CHECKING:
    from compliance.models import Answer, AnswerFile


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of evidence, by name and hash."""

    file_name: str
    size_bytes: int
    sha256: str
    added_by: str
    added_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A question, what was answered, by whom and when."""

    question_id: str
    question: str
    citations: tuple[str, ...]
    value: str
    label: str
    gap: float | None
    comment: str
    skip_reason: str
    to_do: str
    is_flagged: bool
    answered_by: str
    answered_at: dt.datetime | None
    files: tuple[ReportFile, ...]


@dataclass(frozen=True, slots=True)
class ReportSection:
    id: str
    title: str
    about: str
    closed_by: str
    closed_at: dt.datetime | None
    answers: tuple[ReportAnswer, ...]


@dataclass(frozen=True, slots=True)
class ReportRating:
    """A rating as it stands: numbers from 1 to 5, and why."""

    stage: str
    likelihood: int
    impact: int
    level: int
    reason: str
    rated_by: str
    rated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ReportRisk:
    """A line of the register."""

    id: UUID
    number: int
    state: str
    subject: str
    asset_id: UUID | None
    flow_id: UUID | None
    threat: str
    vulnerability: str
    harms: tuple[str, ...]
    statement: str
    existing_controls: str
    citations: tuple[str, ...]
    question_ids: tuple[str, ...]
    ratings: tuple[ReportRating, ...]
    response: str
    owner: str
    dismiss_reason: str
    decided_by: str
    decided_at: dt.datetime | None

    def rating(self, stage: str) -> ReportRating | None:
        """Return the present rating of a stage."""
        return next((rating for rating in self.ratings if rating.stage == stage), None)


@dataclass(frozen=True, slots=True)
class ReportExemption:
    asset: str
    reason: str
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ReportReason:
    """Why the analysis was looked at again."""

    code: str
    text: str
    raised_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a document about the analysis may print."""

    analysis_id: UUID
    practice: str
    title: str
    state: str
    issue_number: int
    issued_at: dt.datetime | None
    issued_by: str
    created_at: dt.datetime
    created_by: str
    previous_id: UUID | None
    scope: str
    exclusions: str
    assumptions: str
    participants: str
    sites: tuple[str, ...]
    period_start: dt.date | None
    period_end: dt.date | None
    asset_classes: dict[str, str]
    pack_versions: dict[str, int]
    assessor: str
    security_official: str
    practice_owner: str
    keep_years: int
    next_review_date: dt.date | None
    review_triggers: tuple[str, ...]
    sections: tuple[ReportSection, ...]
    gates: tuple[Gate, ...]
    risks: tuple[ReportRisk, ...]
    exemptions: tuple[ReportExemption, ...]
    stale_reasons: tuple[ReportReason, ...]
    heat_map: dict[tuple[int, int], int]
    levels: dict[int, int]
    method: Method

    @property
    def is_draft(self) -> bool:
        """Say whether it must be marked as a draft."""
        return self.state not in {"issued", "superseded"}

    @property
    def top_risks(self) -> tuple[ReportRisk, ...]:
        """Return the worst of the confirmed and rated risks."""
        rated = [risk for risk in self.risks if risk.state == Risk.State.CONFIRMED and risk.rating("current")]
        return tuple(rated[: risks.TOP])


def report(*, actor: Actor, analysis_id: UUID) -> Report:
    """Return an analysis as its documents print it; the number of queries does not depend on its size."""
    facts = Facts.of(analyses.get_analysis(actor=actor, analysis_id=analysis_id))
    return _Writer(facts).write()


class _Writer:
    """Puts the facts into words; the names of people are read once for all of them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.files = analyses.list_files([answer.id for answer in facts.answers])
        self.ratings = risks.list_ratings([risk.id for risk in facts.risks])
        self.exemptions = risks.list_exemptions(facts.analysis.id)
        self.names = accounts.names_of_users({one for one in self._people() if one is not None})

    def write(self) -> Report:
        facts, analysis = self.facts, self.facts.analysis
        return Report(
            **{name: getattr(analysis, name) for name in _COPIED},
            analysis_id=analysis.id,
            practice=accounts.tenant_name(analysis.tenant_id),
            issued_by=self._name(analysis.issued_by_id),
            created_by=self._name(analysis.created_by_id),
            sites=tuple(analysis.sites),
            asset_classes={
                label: analysis.asset_classes.get(one, "") for one, label in facts.catalogue.asset_classes.items()
            },
            review_triggers=tuple(analysis.review_triggers),
            sections=self._sections(),
            gates=gates_of(facts),
            risks=self._risks(),
            exemptions=tuple(
                ReportExemption(row.asset.name, row.reason, self._name(row.decided_by_id), row.decided_at)
                for row in self.exemptions
            ),
            stale_reasons=tuple(
                ReportReason(row.code, row.text, row.raised_at) for row in analyses.list_stale_reasons(analysis.id)
            ),
            heat_map=dict(Counter(_cell(risk) for risk in facts.confirmed if risk.current_level)),
            levels=dict(Counter(risk.current_level for risk in facts.confirmed if risk.current_level)),
            method=facts.catalogue.method,
        )

    def _people(self) -> set[UUID | None]:
        analysis = self.facts.analysis
        found = {analysis.issued_by_id, analysis.created_by_id}
        found |= {answer.answered_by_id for answer in self.facts.answers}
        found |= {state.closed_by_id for state in self.facts.sections.values()}
        found |= {risk.decided_by_id for risk in self.facts.risks}
        found |= {rating.rated_by_id for rating in self.ratings}
        found |= {row.decided_by_id for row in self.exemptions}
        return found | {file.added_by_id for file in self.files}

    def _name(self, user_id: UUID | None) -> str:
        return self.names.get(user_id, "") if user_id else ""

    def _sections(self) -> tuple[ReportSection, ...]:
        answers = {answer.question_id: answer for answer in self.facts.answers}
        found = []
        for section in self.facts.catalogue.sections.values():
            state = self.facts.sections.get(section.id)
            asked = [q for q in self.facts.catalogue.questions_of(section.id) if q.id in answers]
            found.append(
                ReportSection(
                    id=section.id,
                    title=section.title,
                    about=section.about,
                    closed_by=self._name(state.closed_by_id) if state else "",
                    closed_at=state.closed_at if state else None,
                    answers=tuple(self._answer(answers[question.id]) for question in asked),
                )
            )
        return tuple(found)

    def _answer(self, answer: "Answer") -> ReportAnswer:
        catalogue = self.facts.catalogue
        question = catalogue.questions[answer.question_id]
        choice = questionnaire.choice_of(catalogue, question.id, answer.value)
        skip_reason = "" if answer.value else self.facts.skip_reasons.get(question.id, "")
        return ReportAnswer(
            question_id=question.id,
            question=question.text,
            citations=question.citations,
            value=answer.value,
            label=choice.label if choice else "",
            gap=choice.gap if choice else None,
            comment=answer.comment,
            skip_reason=skip_reason,
            to_do=questionnaire.standing_of(answer, skip_reason).to_do,
            is_flagged=answer.is_flagged,
            answered_by=self._name(answer.answered_by_id),
            answered_at=answer.answered_at,
            files=tuple(self._file(file) for file in self.files if file.answer_id == answer.id),
        )

    def _file(self, file: "AnswerFile") -> ReportFile:
        return ReportFile(file.file_name, file.size_bytes, file.sha256, self._name(file.added_by_id), file.added_at)

    def _risks(self) -> tuple[ReportRisk, ...]:
        origins: dict[UUID, list[str]] = {}
        for risk_id, question_id in RiskOrigin.objects.filter(risk__analysis=self.facts.analysis).values_list(
            "risk_id", "question_id"
        ):
            origins.setdefault(risk_id, []).append(question_id)
        newest: dict[UUID, dict[str, RatingChange]] = {}
        for rating in self.ratings:
            newest.setdefault(rating.risk_id, {}).setdefault(rating.stage, rating)
        return tuple(
            self._risk(risk, sorted(filter(None, origins.get(risk.id, []))), newest.get(risk.id, {}))
            for risk in self.facts.risks
        )

    def _risk(self, risk: Risk, question_ids: list[str], ratings: dict[str, RatingChange]) -> ReportRisk:
        catalogue = self.facts.catalogue
        threat = catalogue.threats[risk.threat_id]
        asked = [catalogue.questions[one] for one in question_ids if one in catalogue.questions]
        return ReportRisk(
            id=risk.id,
            number=risk.number,
            state=risk.state,
            subject=risk.subject_name,
            asset_id=risk.asset_id,
            flow_id=risk.flow_id,
            threat=threat.name,
            vulnerability=catalogue.vulnerabilities[risk.vulnerability_id].name,
            harms=threat.harms,
            statement=risk.statement,
            existing_controls=risk.existing_controls,
            citations=tuple(dict.fromkeys(citation for question in asked for citation in question.citations)),
            question_ids=tuple(question_ids),
            ratings=tuple(self._rating(ratings[stage]) for stage in RatingChange.Stage.values if stage in ratings),
            response=risk.response,
            owner=risk.owner_name,
            dismiss_reason=risk.dismiss_reason,
            decided_by=self._name(risk.decided_by_id),
            decided_at=risk.decided_at,
        )

    def _rating(self, row: RatingChange) -> ReportRating:
        return ReportRating(
            stage=row.stage,
            likelihood=row.likelihood,
            impact=row.impact,
            level=row.level,
            reason=row.reason,
            rated_by=self._name(row.rated_by_id),
            rated_at=row.rated_at,
        )


_COPIED = (
    *("title", "state", "issue_number", "issued_at", "created_at", "previous_id", "scope", "exclusions", "assumptions"),
    *("participants", "period_start", "period_end", "pack_versions", "assessor", "security_official"),
    *("practice_owner", "keep_years", "next_review_date"),
)


def _cell(risk: Risk) -> tuple[int, int]:
    return (risk.current_likelihood or 0, risk.current_impact or 0)
