"""Reading all probes of a tenant, keeping what they said, and noticing what became worse."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from common.actor import system_actor
from common.clock import now
from common.scope import tenant_scope
from compliance.analysis import services as analyses
from compliance.evidence import definitions, registry
from compliance.evidence.reading import Reading
from compliance.models import ProbeReading, ProbeRun, ProbeState, Verdict
from compliance.packs import selectors as packs

_RANK: Final = {Verdict.PASS: 0, Verdict.NEAR: 1, Verdict.FAIL: 2}
# A measurement that stays off target for longer is a reason to look at the analysis again.
LONG_FAILED: Final = dt.timedelta(days=30)


def carry_out(*, tenant_id: UUID, run_id: UUID) -> None:
    """Read each probe in a transaction of its own, so that the run shows how far it is and survives an interruption."""
    with tenant_scope(tenant_id):
        done = set(ProbeReading.objects.filter(run_id=run_id).values_list("probe_id", flat=True))
    for probe_id in registry.all_probes():
        if probe_id not in done:
            keep(
                tenant_id=tenant_id,
                run_id=run_id,
                probe_id=probe_id,
                found=registry.read(probe_id, tenant_id=tenant_id),
            )
    with tenant_scope(tenant_id):
        ProbeRun.objects.filter(id=run_id, finished_at=None).update(finished_at=now())


def keep(*, tenant_id: UUID, run_id: UUID, probe_id: str, found: Reading) -> None:
    """Add a reading to the history, make it the newest one, and report it where it is worse than the one before."""
    with tenant_scope(tenant_id), transaction.atomic():
        ProbeReading.objects.create(
            tenant_id=tenant_id,
            run_id=run_id,
            probe_id=probe_id,
            value=found.value,
            verdict=found.verdict,
            detail=found.detail,
        )
        before = ProbeState.objects.select_for_update().filter(probe_id=probe_id).first()
        since = _make_newest(tenant_id, probe_id, found, before)
        ProbeRun.objects.filter(id=run_id).update(done=F("done") + 1)
        _report(tenant_id, probe_id, found, before, since)


def _make_newest(tenant_id: UUID, probe_id: str, found: Reading, before: ProbeState | None) -> dt.datetime:
    moment = now()
    is_same = before is not None and before.verdict == found.verdict
    since = before.verdict_since if before is not None and is_same else moment
    values = {
        "value": found.value,
        "verdict": found.verdict,
        "detail": found.detail,
        "measured_at": moment,
        "verdict_since": since,
    }
    if before is not None and not is_same:
        values["verdict_before"] = before.verdict
    ProbeState.objects.update_or_create(tenant_id=tenant_id, probe_id=probe_id, defaults=values)
    return since


def _report(tenant_id: UUID, probe_id: str, found: Reading, before: ProbeState | None, since: dt.datetime) -> None:
    """Mark the analysis stale when a value left its target, and once more when it has been off it for long."""
    if before is None or found.verdict is not Verdict.FAIL:
        return
    measures = definitions.all_definitions()[probe_id].measures
    if _RANK.get(Verdict(before.verdict), 2) < _RANK[Verdict.FAIL]:
        _mark(tenant_id, "probe-worsened", probe_id, f"{measures}: {found.detail}")
    elif before.measured_at - since <= LONG_FAILED < now() - since:
        _mark(
            tenant_id, "probe-failing", probe_id, f"{measures}: off target for {LONG_FAILED.days} days. {found.detail}"
        )


def _mark(tenant_id: UUID, code: str, probe_id: str, text: str) -> None:
    questions = [one.id for one in packs.active().questions.values() if probe_id in one.probe_ids]
    analyses.mark_stale(actor=system_actor(tenant_id), code=code, subject=probe_id, text=text, question_ids=questions)
