"""Everything that the document of an analysis says, as one plain value: the JSON that PDF and CSV are made from."""

import datetime as dt
from collections import Counter
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

import orjson

from common.actor import Actor
from common.clock import now
from compliance.analysis import selectors as analyses
from compliance.analysis.selectors import Report
from compliance.assets import selectors as assets
from compliance.evidence import selectors as evidence
from compliance.flows import selectors as flows
from compliance.flows.drawing import render_map_svg
from compliance.models import Snapshot
from compliance.packs import selectors as packs
from compliance.packs.content import Level, Method
from compliance.remediation import decisions
from compliance.remediation import selectors as tasks

FORMAT: Final = "bitewing-risk-analysis"
VERSION: Final = 1
# How the determination on a specification reads, by the worst answer to what asks for it.
_IN_PLACE, _PARTLY, _MISSING, _OPEN = "in place", "partly in place", "not in place", "not determined"


def gather(*, actor: Actor, analysis_id: UUID, at: dt.datetime | None = None) -> dict[str, Any]:
    """Return what the document says (inside the tenant's scope)."""
    report = analyses.report(actor=actor, analysis_id=analysis_id)
    found = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": at or now(),
        "about": _about(report),
        "previous": _previous(),
        "summary": _summary(report),
        "method": _method(report.method),
        "inventory": _inventory(),
        "safeguards": _safeguards(report),
        "register": [_risk(risk, report) for risk in report.risks],
        "exemptions": [asdict(row) for row in report.exemptions],
        "results": _results(report),
        "plan": [asdict(row) for row in tasks.list_tasks()],
        "answers": [asdict(section) for section in report.sections],
        "evidence": [asdict(row) for row in evidence.latest_readings().values()],
        "records": _records(),
    }
    plain: dict[str, Any] = orjson.loads(as_json(found))
    return plain


def as_json(content: dict[str, Any]) -> bytes:
    """Write content so that the same content is the same bytes."""
    return orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def _about(report: Report) -> dict[str, Any]:
    names = (
        *("analysis_id", "practice", "title", "state", "issue_number", "issued_at", "issued_by", "created_at"),
        *("scope", "exclusions", "assumptions", "participants", "sites", "period_start", "period_end"),
        *("asset_classes", "pack_versions", "assessor", "security_official", "practice_owner", "keep_years"),
        *("next_review_date", "review_triggers"),
    )
    found = {name: getattr(report, name) for name in names}
    found["reasons"] = [asdict(reason) for reason in report.stale_reasons]
    found["gates"] = [{**asdict(gate), "is_met": gate.is_met} for gate in report.gates]
    return found


def _previous() -> dict[str, Any] | None:
    """Return what the new issue refers back to: the digests make a chain out of all of them."""
    row = Snapshot.objects.order_by("-sequence").first()
    if row is None:
        return None
    return {
        "sequence": row.sequence,
        "issued_at": row.issued_at,
        "signer": row.signer_name,
        "data_sha256": row.data_sha256,
        "pdf_sha256": row.pdf_sha256,
    }


def _summary(report: Report) -> dict[str, Any]:
    names = {level.level: level.name for level in report.method.risk_levels}
    answers = [answer for section in report.sections for answer in section.answers]
    gaps = Counter(_coverage(answer.gap, answer.value) for answer in answers)
    return {
        "levels": [
            {"level": n, "name": names[n], "count": report.levels.get(n, 0)} for n in sorted(names, reverse=True)
        ],
        "top": [risk.number for risk in report.top_risks],
        "answers": {"total": len(answers), **gaps},
        "proposed": sum(risk.state == "proposed" for risk in report.risks),
    }


def _coverage(gap: float | None, value: str) -> str:
    if not value:
        return "open"
    if gap is None:
        return "not_applicable"
    return "full" if gap == 0 else "none" if gap >= 1 else "partial"


def _method(method: Method) -> dict[str, Any]:
    return {
        "basis": method.basis,
        "principles": list(method.principles),
        "likelihood": [_level(one) for one in method.likelihood],
        "impact": [_level(one) for one in method.impact],
        "levels": [_level(one) for one in method.risk_levels],
        "matrix": {row: list(cells) for row, cells in method.risk_matrix.items()},
        "responses": list(method.responses),
    }


def _level(level: Level) -> dict[str, Any]:
    return {"level": level.level, "code": level.code, "name": level.name, "texts": dict(level.texts)}


def _inventory() -> dict[str, Any]:
    return {
        "assets": assets.list_printed(),
        "flows": [
            {
                "source": flow.source.name,
                "target": flow.target.name,
                "channel": flow.channel_name,
                "label": flow.label,
                "is_both_ways": flow.is_both_ways,
                "ephi": flow.ephi,
                "encryption": flow.encryption,
                "access_log": flow.access_log,
                "discloses": flow.discloses,
                "safeguards": flow.safeguards,
            }
            for flow in flows.list_flows()
        ],
        "map_svg": render_map_svg(),
    }


def _safeguards(report: Report) -> list[dict[str, Any]]:
    """Return what was determined about each specification: by the worst answer that speaks to it, or by decision."""
    by_citation: dict[str, list[Any]] = {}
    for section in report.sections:
        for answer in section.answers:
            for citation in answer.citations:
                by_citation.setdefault(citation, []).append(answer)
    decided = {spec.spec_id: spec for spec in decisions.list_specs()}
    found = []
    for item in packs.active().specifications():
        spec = decided.get(item.id)
        answers = by_citation.get(item.citation, [])
        found.append(
            {
                "citation": item.citation,
                "title": item.title,
                "requirement": item.requirement,
                "is_usually_not_applicable": item.is_usually_not_applicable,
                "determination": _determination(answers),
                "questions": [answer.question_id for answer in answers],
                "decision": asdict(spec) if spec and spec.outcome else None,
            }
        )
    return found


def _determination(answers: list[Any]) -> str:
    if not answers or any(not answer.value for answer in answers):
        return _OPEN
    gaps = [answer.gap for answer in answers if answer.gap is not None]
    if not gaps:
        return "does not apply"
    worst = max(gaps)
    return _IN_PLACE if worst == 0 else _MISSING if worst >= 1 else _PARTLY


def _risk(risk: Any, report: Report) -> dict[str, Any]:
    names = {level.level: level.name for level in report.method.risk_levels}
    found = asdict(risk)
    found["ratings"] = {rating.stage: {**asdict(rating), "level_name": names[rating.level]} for rating in risk.ratings}
    return found


def _results(report: Report) -> dict[str, Any]:
    groups: dict[str, Counter[int]] = {}
    for risk in report.risks:
        rating = risk.rating("current")
        if risk.state == "confirmed" and rating is not None:
            groups.setdefault(risk.subject, Counter())[rating.level] += 1
    return {
        "heat_map": [
            {"likelihood": row, "impact": column, "count": count}
            for (row, column), count in sorted(report.heat_map.items())
        ],
        "groups": [
            {"subject": subject, "counts": {str(level): count for level, count in sorted(counts.items())}}
            for subject, counts in sorted(groups.items())
        ],
    }


def _records() -> list[dict[str, Any]]:
    return [
        {
            "kind": row.get_kind_display(),
            "performed_date": row.performed_date,
            "is_successful": row.is_successful,
            "hours": row.hours,
            "note": row.note,
            "recorded_by": row.recorded_by.name if row.recorded_by else "",
            "recorded_at": row.recorded_at,
        }
        for row in evidence.list_activities(limit=None)
    ]


def keep_until(issued_at: dt.datetime, years: int) -> dt.date:
    """Return the day until which a document is kept; 29 February ends with February."""
    day = issued_at.date()
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
