"""What the pages of evidence show."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import access
from common.actor import Actor
from compliance.analysis import selectors as analyses
from compliance.evidence import registry, selectors
from compliance.evidence.selectors import RunProgress, StoredReading
from compliance.models import Answer, Verdict
from compliance.packs import selectors as packs

TONES: Final = {
    Verdict.PASS: "ok",
    Verdict.NEAR: "warn",
    Verdict.FAIL: "bad",
    Verdict.REPORTED: "info",
    Verdict.UNMEASURED: "neutral",
}
# What needs somebody first.
_ORDER: Final = [Verdict.FAIL, Verdict.NEAR, Verdict.UNMEASURED, Verdict.REPORTED, Verdict.PASS]


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One measurement in a list."""

    probe_id: str
    measures: str
    value: str
    target: str
    verdict: str
    verdict_label: str
    tone: str
    detail: str
    measured_at: dt.datetime
    verdict_since: dt.datetime
    is_worse: bool


@dataclass(frozen=True, slots=True)
class VerdictCount:
    verdict: str
    label: str
    tone: str
    count: int


@dataclass(frozen=True, slots=True)
class ContradictionRow:
    """An answer that a measurement denies."""

    question_id: str
    section_id: str
    question: str
    answer: str
    measures: str
    detail: str


@dataclass(frozen=True, slots=True)
class Progress:
    is_running: bool
    done: int
    total: int
    requested_at: dt.datetime | None
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EvidencePage:
    rows: tuple[ReadingRow, ...]
    counts: tuple[VerdictCount, ...]
    contradictions: tuple[ContradictionRow, ...]
    verdict: str
    progress: Progress
    probe_count: int
    can_run: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    value: str
    verdict_label: str
    tone: str
    detail: str
    measured_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ProbePage:
    reading: ReadingRow
    questions: tuple[tuple[str, str], ...]
    history: tuple[HistoryRow, ...]


@dataclass(frozen=True, slots=True)
class ActivityRow:
    id: UUID
    kind: str
    performed_date: dt.date
    hours: str
    is_successful: bool
    note: str
    recorded_by: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ActivitiesPage:
    rows: tuple[ActivityRow, ...]
    can_write: bool


def build_evidence(*, actor: Actor, verdict: str) -> EvidencePage:
    """Return the list of measurements, what needs somebody first."""
    readings = list(selectors.latest_readings().values())
    counts = Counter(reading.verdict for reading in readings)
    rows = [_row(reading) for reading in readings if not verdict or reading.verdict == verdict]
    return EvidencePage(
        rows=tuple(sorted(rows, key=lambda row: _ORDER.index(Verdict(row.verdict)))),
        counts=tuple(VerdictCount(v.value, str(v.label), TONES[v], counts[v]) for v in _ORDER if counts[v]),
        contradictions=_contradictions(actor),
        verdict=verdict,
        progress=build_progress(),
        probe_count=len(registry.all_probes()),
        can_run=access.allows(actor, "compliance.write"),
    )


def build_progress() -> Progress:
    """Return how far the newest run is."""
    run: RunProgress | None = selectors.latest_run()
    if run is None:
        return Progress(is_running=False, done=0, total=0, requested_at=None, finished_at=None)
    return Progress(run.is_running, run.done, run.total, run.requested_at, run.finished_at)


def _contradictions(actor: Actor) -> tuple[ContradictionRow, ...]:
    analysis = analyses.current_analysis(actor)
    if analysis is None:
        return ()
    answers = dict(Answer.objects.filter(analysis=analysis).exclude(value="").values_list("question_id", "value"))
    catalogue = packs.active()
    return tuple(
        ContradictionRow(
            question_id=one.question_id,
            section_id=catalogue.questions[one.question_id].section_id,
            question=catalogue.questions[one.question_id].text,
            answer=_label(one.question_id, one.answer),
            measures=one.suggestion.measures,
            detail=one.suggestion.detail,
        )
        for one in selectors.contradictions(answers)
    )


def _label(question_id: str, value: str) -> str:
    catalogue = packs.active()
    choice = catalogue.choice(catalogue.questions[question_id], value)
    return choice.label if choice else value


def build_probe(probe_id: str) -> ProbePage:
    """Return one measurement with its past and the questions that it speaks to."""
    reading = selectors.get_reading(probe_id)
    questions = [(one.id, one.text) for one in packs.active().questions.values() if probe_id in one.probe_ids]
    past = [
        HistoryRow(
            value=show_value(row.value, reading.unit),
            verdict_label=str(Verdict(row.verdict).label),
            tone=TONES[Verdict(row.verdict)],
            detail=row.detail,
            measured_at=row.measured_at,
        )
        for row in selectors.history(probe_id)
    ]
    return ProbePage(reading=_row(reading), questions=tuple(questions), history=tuple(past))


def build_activities(*, actor: Actor) -> ActivitiesPage:
    """Return what people recorded."""
    rows = [
        ActivityRow(
            id=row.id,
            kind=row.get_kind_display(),
            performed_date=row.performed_date,
            hours=f"{row.hours.normalize():f}" if row.hours is not None else "",
            is_successful=row.is_successful,
            note=row.note,
            recorded_by=row.recorded_by.name if row.recorded_by else "",
            recorded_at=row.recorded_at,
        )
        for row in selectors.list_activities()
    ]
    return ActivitiesPage(rows=tuple(rows), can_write=access.allows(actor, "compliance.write"))


def _row(reading: StoredReading) -> ReadingRow:
    verdict = Verdict(reading.verdict)
    ranks = {Verdict.PASS: 0, Verdict.NEAR: 1, Verdict.FAIL: 2}
    before = ranks.get(Verdict(reading.verdict_before)) if reading.verdict_before else None
    return ReadingRow(
        probe_id=reading.probe_id,
        measures=reading.measures,
        value=show_value(reading.value, reading.unit),
        target=show_target(reading.pass_rule),
        verdict=verdict.value,
        verdict_label=str(verdict.label),
        tone=TONES[verdict],
        detail=reading.detail,
        measured_at=reading.measured_at,
        verdict_since=reading.verdict_since,
        is_worse=before is not None and ranks.get(verdict, 0) > before,
    )


def show_value(value: Any, unit: str) -> str:
    """Return a value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if unit == "percent":
        return f"{value} %"
    return f"{value} {unit}" if unit not in {"count", "bool"} and not isinstance(value, str) else str(value)


def show_target(pass_rule: str) -> str:
    """Return a target as people read it."""
    if pass_rule.startswith("true"):
        return _("yes")
    if pass_rule.startswith("reported"):
        return _("for information")
    return pass_rule.replace("<=", "≤").replace(">=", "≥")
