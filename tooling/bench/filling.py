"""A practice after five years: rows as its pages would find them, written at once."""

import datetime as dt
from itertools import cycle, islice
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from accounts import selectors as accounts
from accounts.models import Membership
from common.actor import Actor, ActorKind
from common.clock import now, today
from common.scope import tenant_scope
from compliance.analysis import services as analyses
from compliance.documents.content import keep_until
from compliance.evidence import measuring
from compliance.evidence import services as evidence
from compliance.models import Asset, ProbeReading, ProbeRun, ProbeState, Risk, Snapshot, Task, TaskEvent
from compliance.packs import selectors as packs

if TYPE_CHECKING:
    from collections.abc import Iterable

ASSETS, RISKS, TASKS, SNAPSHOTS, RUNS = 500, 2000, 300, 60, 200
T = TypeVar("T")


def prepare(slug: str, *, is_full: bool) -> None:
    """Begin an analysis and measure once, in both kinds of practice; fill one of them."""
    tenant = accounts.get_tenant(slug=slug)
    if tenant is None:
        raise LookupError(slug)
    actor = _owner(tenant.id)
    analysis_id = analyses.start_analysis(actor=actor, title="Security risk analysis").id
    measuring.carry_out(tenant_id=tenant.id, run_id=evidence.request_run(actor=actor))
    if is_full:
        with tenant_scope(tenant.id):
            _fill(actor, analysis_id)


def _owner(tenant_id: UUID) -> Actor:
    with tenant_scope(tenant_id):
        user_id = Membership.objects.get(role="owner").user_id
    return Actor(tenant_id=tenant_id, kind=ActorKind.USER, id=user_id, roles=frozenset({"owner"}))


def _some(values: "Iterable[T]", number: int) -> list[T]:
    return list(islice(cycle(values), number))


def _fill(actor: Actor, analysis_id: UUID) -> None:
    assets = _assets(actor)
    _risks(actor, analysis_id, assets)
    _tasks(actor, analysis_id)
    _snapshots(actor, analysis_id)
    _readings(actor)


def _assets(actor: Actor) -> list[Asset]:
    types = _some(packs.active().asset_types.values(), ASSETS)
    return list(
        Asset.objects.bulk_create(
            Asset(
                tenant_id=actor.tenant_id,
                number=f"A-{number:04}",
                type_id=kind.id,
                name=f"{kind.name} {number}",
                site=f"Site {number % 12}",
                ephi="stored",
                operating_system="Windows 11",
            )
            for number, kind in enumerate(types, start=1)
        )
    )


def _risks(actor: Actor, analysis_id: UUID, assets: list[Asset]) -> None:
    book = packs.active()
    pairs = [(threat, weak) for threat in book.threats.values() for weak in book.vulnerabilities.values()]
    Risk.objects.bulk_create(
        Risk(
            tenant_id=actor.tenant_id,
            analysis_id=analysis_id,
            number=number,
            state="confirmed",
            threat_id=threat.id,
            vulnerability_id=weak.id,
            asset=asset,
            subject_key=f"asset:{asset.id}",
            subject_name=asset.name,
            search_text=f"{threat.name} {weak.name} {asset.name}".lower(),
            statement=f"{threat.name}: {weak.name}.",
            suggested_likelihood=3,
            suggested_impact=3,
            current_likelihood=number % 5 + 1,
            current_impact=number % 4 + 1,
            current_level=number % 5 + 1,
            decided_by_id=actor.id,
            decided_at=now(),
        )
        for number, (asset, (threat, weak)) in enumerate(
            zip(_some(assets, RISKS), _some(pairs, RISKS), strict=True), start=1
        )
    )


def _tasks(actor: Actor, analysis_id: UUID) -> None:
    risks = list(Risk.objects.filter(analysis_id=analysis_id).values_list("id", flat=True)[:TASKS])
    states = _some(["open", "doing", "done", "blocked"], TASKS)
    made = Task.objects.bulk_create(
        Task(
            tenant_id=actor.tenant_id,
            number=number,
            title=f"Reduce risk {number}",
            risk_id=risk_id,
            state=state,
            owner_id=actor.id,
            due_date=today() + dt.timedelta(days=number),
        )
        for number, (risk_id, state) in enumerate(zip(risks, states, strict=True), start=1)
    )
    TaskEvent.objects.bulk_create(
        TaskEvent(tenant_id=actor.tenant_id, task=task, verb="opened", actor_id=actor.id) for task in made
    )


def _snapshots(actor: Actor, analysis_id: UUID) -> None:
    Snapshot.objects.bulk_create(
        Snapshot(
            tenant_id=actor.tenant_id,
            analysis_id=analysis_id,
            issue_number=number,
            sequence=number,
            data_blob_id=analysis_id,
            data_sha256=f"{number:064}",
            pdf_blob_id=analysis_id,
            pdf_sha256=f"{number:064}",
            previous_sha256=f"{number - 1:064}" if number > 1 else "",
            changes={"risks new": [f"Risk {one}" for one in range(30)]},
            counts={"assets": ASSETS, "risks": RISKS, "tasks": TASKS},
            signer_id=actor.id,
            signer_name="Olive Owens",
            issued_at=now() - dt.timedelta(days=30 * (SNAPSHOTS - number)),
            keep_until_date=keep_until(now(), 6),
        )
        for number in range(1, SNAPSHOTS + 1)
    )


def _readings(actor: Actor) -> None:
    runs = ProbeRun.objects.bulk_create(
        ProbeRun(
            tenant_id=actor.tenant_id,
            requested_at=now() - dt.timedelta(days=number),
            finished_at=now() - dt.timedelta(days=number),
        )
        for number in range(1, RUNS + 1)
    )
    states = list(ProbeState.objects.all())
    ProbeReading.objects.bulk_create(
        (
            ProbeReading(
                tenant_id=actor.tenant_id,
                run=run,
                probe_id=state.probe_id,
                value=state.value,
                verdict=state.verdict,
                detail=state.detail,
                measured_at=run.requested_at,
            )
            for run in runs
            for state in states
        ),
        batch_size=2000,
    )
