"""Runs: asked for once, begun by whoever has the message, settled by the last who began (BR-14, BR-41, BR-48)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F

from accounts import access
from audit import services as audit
from common.actor import Actor, system_actor
from common.clock import now
from common.crashpoint import crashpoint
from common.errors import DomainError, StorageFullError, UnavailableError
from common.sandbox import SandboxError
from common.scope import tenant_scope
from inference import looking, policy, selectors
from inference.errors import NetworkRetiredError, NothingToAnalyseError, RunPostponedError
from inference.events import BatchRunRequested, RunRequested
from inference.models import Finding, ImageTag, Network, Run, StudyTag
from inference.networks.manifest import Manifest
from inference.networks.vocabulary import VOCABULARY
from outbox import services as outbox
from pacs import selectors as pacs
from vault import services as vault
from vault.objects import ObjectKind

MAX_ATTEMPTS: Final = 3
# A volume is asked about once no slice has come for a while: each that comes makes another volume of it.
QUIET_S: Final = 60.0
_PASSING: Final = (UnavailableError, StorageFullError)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for runs, and how."""

    actor: Actor
    trigger: str
    batch_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """A run as one worker has begun it."""

    run: Run
    network: Network
    manifest: Manifest
    key_id: UUID
    fence: int


# --- asking -----------------------------------------------------------------------------------------------------------


def plan_arrivals(*, tenant_id: UUID, tag_ids: Iterable[UUID]) -> int:
    """Ask for what the rules say about images that were tagged just now; return how many runs are new."""
    asked = Asked(system_actor(tenant_id), Run.Trigger.ARRIVAL)
    with tenant_scope(tenant_id), transaction.atomic():
        tagged = list(ImageTag.objects.filter(id__in=list(tag_ids), is_readable=True))
        pairs = selectors.pairs_by_rules(tagged)
        return len(ask(asked, pairs))


def request_runs(*, actor: Actor, study_id: UUID, network_id: UUID | None = None) -> list[UUID]:
    """Ask networks about the images of a study: one network, or all that read them; what failed is tried again.

    Raises
    ------
    NothingToAnalyseError
        If no network reads any image of the study.
    """
    access.require(actor, "network.run")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        pacs.get_study(actor=actor, study_id=study_id)
        networks = [selectors.get_network(network_id=network_id)] if network_id else selectors.list_usable_networks()
        tagged = list(ImageTag.objects.filter(study_id=study_id, is_readable=True))
        pairs = [(tag, network) for tag in tagged for network in networks if tag.kind in network.kinds]
        if not pairs:
            raise NothingToAnalyseError()
        for network in networks:
            require_usable(network)
        ids = ask(Asked(actor, Run.Trigger.DEMAND), pairs)
        again = Run.objects.filter(
            study_id=study_id, network__in=networks, state__in=[Run.State.FAILED, Run.State.CANCELLED]
        )
        return ids + [_again(actor, run) for run in again]


def ask(asked: Asked, pairs: Iterable[tuple[ImageTag, Network]]) -> list[UUID]:
    """Write the runs that are not there yet, and their messages, in the caller's transaction."""
    rows = [_row(asked, tag, network) for tag, network in pairs]
    Run.objects.bulk_create(rows, ignore_conflicts=True)
    fresh = list(Run.objects.filter(id__in=[row.id for row in rows]).select_related("network"))
    for run in fresh:
        _publish(run, asked)
        _audit(asked.actor, "inference.requested", run)
    return [run.id for run in fresh]


def _row(asked: Asked, tag: ImageTag, network: Network) -> Run:
    return Run(
        tenant_id=tag.tenant_id,
        network=network,
        study_id=tag.study_id,
        series_id=tag.series_id,
        instance_id=tag.instance_id,
        batch_id=asked.batch_id,
        input_sha256=bytes(tag.input_sha256),
        trigger=asked.trigger,
        asked_by=asked.actor.id,
    )


def _publish(run: Run, asked: Asked) -> None:
    kind = BatchRunRequested if asked.batch_id else RunRequested
    is_arriving_volume = run.instance_id is None and asked.trigger == Run.Trigger.ARRIVAL
    outbox.publish(kind(tenant_id=run.tenant_id, run_id=run.id), delay_s=QUIET_S if is_arriving_volume else 0)


def _again(actor: Actor, run: Run) -> UUID:
    """Let a run that failed or was cancelled begin anew."""
    Run.objects.filter(id=run.id).update(
        state=Run.State.WAITING, attempts=0, code="", message="", ended_at=None, fence=F("fence") + 1
    )
    outbox.publish(RunRequested(tenant_id=run.tenant_id, run_id=run.id))
    _audit(actor, "inference.requested-again", run)
    return UUID(str(run.id))


def cancel_run(*, actor: Actor, run_id: UUID) -> None:
    """Give a run up that is not done; a worker that is at it finds its result refused."""
    access.require(actor, "network.run")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        run = selectors.get_run(actor=actor, run_id=run_id)
        if end_as_cancelled(Run.objects.filter(id=run.id)):
            _audit(actor, "inference.cancelled", run)


def end_as_cancelled(runs: Any) -> int:
    """Cancel those of some runs that are not done (inside the caller's transaction); return how many."""
    changed: int = runs.filter(state__in=Run.OPEN).update(
        state=Run.State.CANCELLED, code="cancelled", ended_at=now(), fence=F("fence") + 1
    )
    return changed


# --- doing ------------------------------------------------------------------------------------------------------------


def perform_run(*, tenant_id: UUID, run_id: UUID) -> None:
    """Run a network on its image and keep what it found; runs again after a crash, and settles once.

    Raises
    ------
    RunPostponedError, UnavailableError, StorageFullError
        If it is to be tried again: the outbox does, later and later.
    """
    try:
        work = _begin(tenant_id, run_id)
    except _PASSING:
        raise
    except DomainError as error:
        _fail(tenant_id, run_id, None, error)
        return
    if work is None:
        return
    crashpoint("inference.begun")
    try:
        outcome = looking.look(tenant_id=tenant_id, run=work.run, network=work.network, manifest=work.manifest)
        crashpoint("inference.looked")
        _settle(work, outcome)
    except _PASSING:
        _wait(work, count=False)
        raise
    except SandboxError as error:
        _retry_or_fail(work, error)
    except DomainError as error:
        _fail(tenant_id, run_id, work.fence, error)


def _begin(tenant_id: UUID, run_id: UUID) -> _Work | None:
    """Take a run that is not over; whoever began it before loses it."""
    with tenant_scope(tenant_id), transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).filter(id=run_id, state__in=Run.OPEN).first()
        if run is None:
            return None
        network = selectors.get_network(network_id=run.network_id)
        require_usable(network)
        study = pacs.get_study(actor=system_actor(tenant_id), study_id=run.study_id)
        run.state, run.fence, run.attempts = Run.State.RUNNING, run.fence + 1, run.attempts + 1
        run.began_at = now()
        run.save(update_fields=["state", "fence", "attempts", "began_at"])
    return _Work(run, network, selectors.manifest_of(network), study.key_id, run.fence)


def require_usable(network: Network) -> None:
    """Refuse a network that was retired, or that a third party made whose papers are not on record."""
    if network.retired_at is not None:
        raise NetworkRetiredError()
    policy.require(tenant_id=network.tenant_id, relation=network.relation, supplier_name=network.supplier_name)


def _wait(work: _Work, *, count: bool) -> None:
    """Put a run back: a store that is away is no fault of it."""
    with tenant_scope(work.run.tenant_id):
        Run.objects.filter(id=work.run.id, fence=work.fence, state=Run.State.RUNNING).update(
            state=Run.State.WAITING, attempts=work.run.attempts if count else work.run.attempts - 1
        )


def _retry_or_fail(work: _Work, error: SandboxError) -> None:
    """Try again what crashed or took too long, a few times: the machine may have been short of something."""
    if work.run.attempts >= MAX_ATTEMPTS or error.reason == "refused":
        _fail(work.run.tenant_id, work.run.id, work.fence, error)
        return
    _wait(work, count=True)
    raise RunPostponedError(str(error))


def _fail(tenant_id: UUID, run_id: UUID, fence: int | None, error: DomainError) -> None:
    with tenant_scope(tenant_id), transaction.atomic():
        mine = Run.objects.filter(id=run_id, state__in=Run.OPEN)
        if fence is not None:
            mine = mine.filter(fence=fence)
        changed = mine.update(
            state=Run.State.FAILED, code=error.code, message=str(error)[:400], ended_at=now(), fence=F("fence") + 1
        )
        run = Run.objects.select_related("network").filter(id=run_id).first()
        if changed and run is not None:
            _audit(system_actor(tenant_id), "inference.failed", run, code=error.code)


def _settle(work: _Work, outcome: looking.Outcome) -> None:
    """Write the result, its findings and tags in one transaction, unless somebody else has begun the run since."""
    run, tenant_id = work.run, work.run.tenant_id
    body = orjson.dumps(outcome.result, option=orjson.OPT_SORT_KEYS)
    key = vault.key_of(tenant_id=tenant_id, key_id=work.key_id)
    with vault.stage(key=key, kind=ObjectKind.INFERENCE) as writer:
        writer.write(body)
        staged = writer.finish()
    vault.sync([staged])
    crashpoint("inference.sealed")
    found = [_finding(run, number, shown) for number, shown in enumerate(outcome.shown)]
    cost = outcome.cpu_s * selectors.rate_micros(tenant_id) / 3600
    with tenant_scope(tenant_id), transaction.atomic():
        mine = Run.objects.filter(id=run.id, fence=work.fence, state=Run.State.RUNNING)
        if not mine.update(
            state=Run.State.DONE,
            ended_at=now(),
            runtime=outcome.runtime,
            output_sha256=hashlib.sha256(body).digest(),
            result_blob_id=staged.id,
            finding_count=len(found),
            cpu_ms=round(outcome.cpu_s * 1000),
            wall_ms=round(outcome.wall_s * 1000),
            cost_micros=round(cost),
        ):
            vault.discard([staged])
            return
        vault.commit(keys=[key], staged=[staged])
        Finding.objects.bulk_create(found)
        _tag(run, work.manifest, found)
        run.output_sha256 = hashlib.sha256(body).digest()
        _audit(system_actor(tenant_id), "inference.completed", run, findings=len(found), runtime=outcome.runtime)
    crashpoint("inference.settled")


def _finding(run: Run, number: int, shown: looking.Shown) -> Finding:
    left, top, right, bottom = shown.found.box or (None, None, None, None)
    entry = VOCABULARY.get(shown.label.finding)
    code = shown.label.coded
    return Finding(
        tenant_id=run.tenant_id,
        run=run,
        study_id=run.study_id,
        number=number,
        key=shown.label.key,
        title=shown.label.title or (entry.title if entry else shown.label.name),
        code_scheme=code.scheme,
        code_value=code.value,
        score=shown.found.score,
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        first_slice=shown.found.first_slice,
        last_slice=shown.found.last_slice,
        teeth=shown.teeth,
        urgency=entry.urgency if entry else 0,
        tag=shown.tag,
    )


def _tag(run: Run, manifest: Manifest, found: list[Finding]) -> None:
    """Tag a study with what a network is sure enough of (BR-31); what it is less sure of waits for a person."""
    sure = {label.key: label.tag_from for label in manifest.labels if label.tag_from is not None}
    words = {
        finding.tag: finding.urgency
        for finding in sorted(found, key=lambda finding: finding.urgency)
        if finding.key in sure and finding.score >= sure[finding.key]
    }
    rows = [
        StudyTag(
            tenant_id=run.tenant_id, study_id=run.study_id, tag=word, source=StudyTag.Source.NETWORK, urgency=urgency
        )
        for word, urgency in words.items()
    ]
    StudyTag.objects.bulk_create(rows, ignore_conflicts=True)


def _audit(actor: Actor, action: str, run: Run, **more: str | int) -> None:
    detail: dict[str, str | int | list[str]] = {
        "network": f"{run.network.name} {run.network.version}",
        "network_sha256": bytes(run.network.digest).hex(),
        "input_sha256": bytes(run.input_sha256).hex(),
        "trigger": run.trigger,
        **more,
    }
    if run.output_sha256:
        detail["output_sha256"] = bytes(run.output_sha256).hex()
    audit.record(actor=actor, action=action, study_id=run.study_id, subject_id=run.id, detail=detail)
