"""One of everything of the victim's evidence, tasks, decisions and documents."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from common.clock import now, today
from common.scope import tenant_scope
from compliance import files
from compliance.documents.content import keep_until
from compliance.evidence import measuring
from compliance.evidence import services as evidence
from compliance.evidence.reading import Reading
from compliance.evidence.services import ActivityDraft
from compliance.models import (
    Activity,
    Analysis,
    CalendarFeed,
    ProbeRun,
    ProbeState,
    Snapshot,
    SpecDecision,
    Task,
    Verdict,
)
from compliance.remediation import decisions, feeds, tasks
from compliance.remediation.decisions import DecisionDraft
from compliance.remediation.tasks import TaskDraft
from tests.factories.cast import make_actor

PROBE, SPEC = "P-IDLE", "SR-312-a2iv"
# Whoever has the true one may read: what is tried is another.
WRONG_SECRET = "x" * 43


def make_ids(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make one of each, once there is an analysis, and return their ids."""
    owner = make_actor(tenant, "owner")
    task_id = tasks.open_task(actor=owner, draft=TaskDraft("Canary task", weakness="Canary weakness"))
    feed = feeds.make_feed(actor=owner)
    draft = DecisionDraft("implemented", "Canary rationale", today() + dt.timedelta(days=9))
    decisions.decide(actor=owner, spec_id=SPEC, draft=draft)
    evidence.record_activity(actor=owner, draft=ActivityDraft("log_review", today(), "Canary review"))
    _measure(tenant)
    return {
        "task_id": (task_id,),
        "feed_id": (feed.feed_id,),
        "feed_secret": (WRONG_SECRET,),
        "snapshot_id": (_issue(tenant, owner.id),),
    }


def _measure(tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        run = ProbeRun.objects.create(tenant_id=tenant.id, total=1, finished_at=now())
    found = Reading(15, Verdict.PASS, "Canary reading")
    measuring.keep(tenant_id=tenant.id, run_id=run.id, probe_id=PROBE, found=found)


def _issue(tenant: Tenant, signer_id: Any) -> Any:
    with tenant_scope(tenant.id):
        data = files.keep(tenant_id=tenant.id, data=b'{"plan": [], "register": [], "canary": "Canary content"}')
        document = files.keep(tenant_id=tenant.id, data=b"%PDF-1.7 Canary document")
        made = Snapshot.objects.create(
            tenant_id=tenant.id,
            analysis_id=Analysis.objects.values_list("id", flat=True)[0],
            issue_number=1,
            sequence=1,
            data_blob_id=data.blob_id,
            data_sha256=data.sha256.hex(),
            pdf_blob_id=document.blob_id,
            pdf_sha256=document.sha256.hex(),
            signer_id=signer_id,
            signer_name="Canary Signer",
            keep_until_date=keep_until(now(), 6),
        )
    return made.id


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the open scope)."""
    return {
        "tasks": list(Task.objects.order_by("id").values_list("id", "state", "version")),
        "feeds": list(CalendarFeed.objects.order_by("id").values_list("id", "revoked_at", "read_at")),
        "decisions": list(SpecDecision.objects.order_by("id").values_list("id")),
        "activities": list(Activity.objects.order_by("id").values_list("id")),
        "readings": list(ProbeState.objects.order_by("id").values_list("id", "measured_at")),
        "runs": list(ProbeRun.objects.order_by("id").values_list("id")),
        "snapshots": list(Snapshot.objects.order_by("id").values_list("id")),
    }
