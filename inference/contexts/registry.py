"""What the pages of networks show: the registry, a network's card, costs."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import access
from common.actor import Actor
from inference import selectors
from inference.contexts.analysis import NOT_A_DEVICE
from inference.contexts.words import KINDS, PAPERS
from inference.models import Network, Rule
from inference.networks.manifest import Manifest


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """One version of a network."""

    id: UUID
    title: str
    name: str
    version: str
    kinds: list[str]
    licence: str
    supplier: str
    is_bundled: bool
    is_retired: bool
    missing: list[str]
    imported_at: dt.datetime


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule, in words."""

    id: UUID
    network: str
    conditions: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch and how far it is."""

    id: UUID
    network: str
    from_date: dt.date
    to_date: dt.date
    total: int
    settled: int
    failed: int
    is_over: bool
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class RegistryPage:
    """Networks, rules and batches of a tenant."""

    networks: list[NetworkLine]
    rules: list[RuleLine]
    batches: list[BatchLine]
    waiting: int
    failed: int
    can_manage: bool
    is_moving: bool


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One class of a network, with its figures on the first set that it was measured on."""

    title: str
    code: str
    threshold: float
    is_on: bool
    ap50: float | None
    boxes: int | None
    precision: float | None
    recall: float | None
    note: str


@dataclass(frozen=True, slots=True)
class MeasuredLine:
    """How good it was on one set of images."""

    data: str
    images: int
    ap50: float | None
    note: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """All that is known of one network."""

    line: NetworkLine
    notice: str
    intended_use: str
    not_for: str
    limits: list[str]
    training: list[str]
    labels: list[LabelLine]
    measured: list[MeasuredLine]
    sha256: str
    onnx_sha256: str
    size_bytes: int
    runtime: str
    opset: int
    golden_findings: int
    card: str
    can_manage: bool


@dataclass(frozen=True, slots=True)
class MonthLine:
    """What one network cost in one month."""

    month: dt.date
    network: str
    runs: int
    cpu_s: float
    cost: float
    per_run: float


@dataclass(frozen=True, slots=True)
class CostsPage:
    """What analyses cost."""

    months: list[MonthLine]
    currency: str
    per_cpu_hour: float
    is_default_rate: bool
    can_manage: bool


def registry(actor: Actor) -> RegistryPage:
    """Return the registry (inside the open scope)."""
    batches = [_batch(progress) for progress in selectors.list_batches()]
    counts = selectors.count_runs()
    return RegistryPage(
        networks=[_line(row) for row in selectors.list_networks()],
        rules=[_rule(row) for row in selectors.list_rules()],
        batches=batches,
        waiting=counts.get("waiting", 0) + counts.get("running", 0),
        failed=counts.get("failed", 0),
        can_manage=access.allows(actor, "network.manage"),
        is_moving=any(not batch.is_over for batch in batches),
    )


def card(actor: Actor, network_id: UUID) -> CardPage:
    """Return one network's card (inside the open scope)."""
    row = selectors.get_network(network_id=network_id)
    manifest = selectors.manifest_of(row)
    return CardPage(
        line=_line(row),
        notice=str(NOT_A_DEVICE),
        intended_use=manifest.intended_use,
        not_for=manifest.not_for,
        limits=list(manifest.known_limits),
        training=[
            f"{data.name} ({data.origin}, {data.licence}, {data.images}): {data.attribution}"
            for data in manifest.training_data
        ],
        labels=_labels(manifest),
        measured=[MeasuredLine(set_.data, set_.images, set_.AP50, set_.note) for set_ in manifest.measured],
        sha256=bytes(row.digest).hex(),
        onnx_sha256=manifest.sha256,
        size_bytes=row.size_bytes,
        runtime=row.checks.get("runtime", ""),
        opset=row.checks.get("opset", 0),
        golden_findings=row.checks.get("golden_findings", 0),
        card=row.card,
        can_manage=access.allows(actor, "network.manage"),
    )


def costs(actor: Actor) -> CostsPage:
    """Return the costs (inside the open scope)."""
    rate = selectors.rate()
    micros = rate.per_cpu_hour_micros if rate else selectors.DEFAULT_RATE_MICROS
    return CostsPage(
        months=[
            MonthLine(
                month=one.month,
                network=one.network,
                runs=one.runs,
                cpu_s=one.cpu_s,
                cost=one.cost_micros / 1e6,
                per_run=one.cost_micros / 1e6 / one.runs,
            )
            for one in selectors.list_months()
        ],
        currency=rate.currency if rate else selectors.DEFAULT_CURRENCY,
        per_cpu_hour=micros / 1e6,
        is_default_rate=rate is None,
        can_manage=access.allows(actor, "network.manage"),
    )


def _line(row: Network) -> NetworkLine:
    return NetworkLine(
        id=row.id,
        title=row.title,
        name=row.name,
        version=row.version,
        kinds=[str(KINDS[kind]) for kind in row.kinds],
        licence=row.licence,
        supplier=row.supplier_name,
        is_bundled=row.is_bundled,
        is_retired=row.retired_at is not None,
        missing=[str(PAPERS[paper]) for paper in selectors.missing_papers(row)],
        imported_at=row.imported_at,
    )


def _rule(row: Rule) -> RuleLine:
    kinds = [str(KINDS[kind]) for kind in (row.kinds or row.network.kinds)]
    texts = [row.modality, row.body_part, row.device, row.site]
    return RuleLine(
        id=row.id,
        network=f"{row.network.title} {row.network.version}",
        conditions=" · ".join([", ".join(kinds), *(text for text in texts if text)]),
        is_on=row.is_on,
    )


def _batch(progress: selectors.Progress) -> BatchLine:
    row = progress.batch
    return BatchLine(
        id=row.id,
        network=f"{row.network.title} {row.network.version}",
        from_date=row.from_date,
        to_date=row.to_date,
        total=progress.total,
        settled=progress.settled,
        failed=progress.failed,
        is_over=progress.is_over,
        is_cancelled=row.cancelled_at is not None,
    )


def _labels(manifest: Manifest) -> list[LabelLine]:
    figures = manifest.measured[0].per_class if manifest.measured else {}
    lines = []
    for label in manifest.labels:
        known = figures.get(label.name)
        lines.append(
            LabelLine(
                title=label.title or label.coded.meaning,
                code=f"{label.coded.scheme} {label.coded.value}",
                threshold=label.threshold,
                is_on=label.is_on,
                ap50=known.AP50 if known else None,
                boxes=known.boxes if known else None,
                precision=known.precision if known else None,
                recall=known.recall if known else None,
                note=label.note,
            )
        )
    return lines
