"""Reads of measured and recorded evidence, inside the tenant's scope."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from common.clock import now
from compliance.evidence import definitions, registry
from compliance.evidence.errors import ProbeNotFoundError
from compliance.evidence.reading import Value
from compliance.models import Activity, ProbeReading, ProbeRun, ProbeState, Verdict
from compliance.packs import selectors as packs

# A run that began this long ago and is not finished has died; a new one may begin.
GIVEN_UP: Final = dt.timedelta(minutes=10)
# The answer of the "probe" scale, and of the others, that a verdict speaks for.
_SUGGESTS: Final = {Verdict.PASS: "pass", Verdict.NEAR: "near", Verdict.FAIL: "fail", Verdict.UNMEASURED: "unknown"}
# Answers that say that all, or nearly all, is in place.
_FAVOURABLE: Final = frozenset({"full", "mostly", "pass", "all", "lt12", "lt12_nochange"})


@dataclass(frozen=True, slots=True)
class StoredReading:
    """The newest reading of a probe with its definition."""

    probe_id: str
    measures: str
    unit: str
    pass_rule: str
    value: Value
    verdict: str
    detail: str
    measured_at: dt.datetime
    verdict_since: dt.datetime
    verdict_before: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a measurement says to a question; it never answers it."""

    probe_id: str
    measures: str
    value: Value
    verdict: str
    detail: str
    measured_at: dt.datetime
    suggests: str

    def contradicts(self, answer: str) -> bool:
        """Say whether an answer claims what the measurement denies."""
        return self.verdict == Verdict.FAIL and answer in _FAVOURABLE


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An answer, and a measurement that denies it."""

    question_id: str
    answer: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class HistoricReading:
    """One reading of the past."""

    value: Value
    verdict: str
    detail: str
    measured_at: dt.datetime


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far the newest run is."""

    id: UUID
    requested_at: dt.datetime
    total: int
    done: int
    finished_at: dt.datetime | None

    @property
    def is_running(self) -> bool:
        """Say whether it goes on; one that began long ago has died."""
        return self.finished_at is None and now() - self.requested_at < GIVEN_UP


def latest_readings(probe_ids: Iterable[str] | None = None) -> dict[str, StoredReading]:
    """Return the newest reading of each probe that was ever read, in the order of the definitions; one query."""
    rows = ProbeState.objects.all()
    if probe_ids is not None:
        rows = rows.filter(probe_id__in=list(probe_ids))
    states = {row.probe_id: row for row in rows}
    known = definitions.all_definitions()
    return {probe_id: _stored(states[probe_id]) for probe_id in known if probe_id in states}


def _stored(row: ProbeState) -> StoredReading:
    definition = definitions.all_definitions()[row.probe_id]
    return StoredReading(
        probe_id=row.probe_id,
        measures=definition.measures,
        unit=definition.unit,
        pass_rule=definition.pass_rule,
        value=row.value,
        verdict=row.verdict,
        detail=row.detail,
        measured_at=row.measured_at,
        verdict_since=row.verdict_since,
        verdict_before=row.verdict_before,
    )


def suggestions(question_ids: Iterable[str] | None = None) -> dict[str, list[Suggestion]]:
    """Return what the measurements say to questions (all of them by default); one query."""
    questions = packs.active().questions
    wanted = questions if question_ids is None else [one for one in question_ids if one in questions]
    readings = latest_readings()
    found = {one: [_suggestion(readings[p]) for p in questions[one].probe_ids if p in readings] for one in wanted}
    return {question_id: said for question_id, said in found.items() if said}


def _suggestion(reading: StoredReading) -> Suggestion:
    return Suggestion(
        probe_id=reading.probe_id,
        measures=reading.measures,
        value=reading.value,
        verdict=reading.verdict,
        detail=reading.detail,
        measured_at=reading.measured_at,
        suggests=_SUGGESTS.get(Verdict(reading.verdict), ""),
    )


def contradictions(answers: dict[str, str]) -> list[Contradiction]:
    """List the answers that a measurement denies."""
    return [
        Contradiction(question_id, answers[question_id], one)
        for question_id, said in suggestions(answers).items()
        for one in said
        if one.contradicts(answers[question_id])
    ]


def get_reading(probe_id: str) -> StoredReading:
    """Return the newest reading of one probe, or raise."""
    found = latest_readings([probe_id])
    if probe_id not in registry.all_probes() or probe_id not in found:
        raise ProbeNotFoundError
    return found[probe_id]


def history(probe_id: str, *, limit: int = 30) -> list[HistoricReading]:
    """List the readings of one probe, newest first."""
    rows = ProbeReading.objects.filter(probe_id=probe_id).order_by("-id")[:limit]
    return [HistoricReading(row.value, row.verdict, row.detail, row.measured_at) for row in rows]


def latest_run() -> RunProgress | None:
    """Return the newest run."""
    row = ProbeRun.objects.order_by("-requested_at", "-id").first()
    return RunProgress(row.id, row.requested_at, row.total, row.done, row.finished_at) if row else None


def list_activities(*, limit: int | None = 50) -> list[Activity]:
    """List what people recorded, newest first, with who recorded it."""
    return list(Activity.objects.select_related("recorded_by").order_by("-performed_date", "-id")[:limit])
