"""Reads of the open tenant: networks, rules, runs, findings, tags, choices."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import TruncMonth

from accounts import access
from common.actor import Actor
from common.scope import tenant_scope
from inference import policy
from inference.errors import BatchNotFoundError, NetworkNotFoundError, RuleNotFoundError, RunNotFoundError
from inference.models import (
    Batch,
    Finding,
    ImageTag,
    Network,
    Rate,
    Rule,
    Run,
    StudyTag,
    TrainingChoice,
    TrainingObjection,
)
from inference.networks.errors import ManifestError
from inference.networks.manifest import Manifest, read_manifest
from pacs import selectors as pacs

# Half a dollar for ten hours of a rented core: what a tenant pays that has not said otherwise.
DEFAULT_RATE_MICROS = 50_000
DEFAULT_CURRENCY = "USD"


# --- networks and rules -----------------------------------------------------------------------------------------------


def get_network(*, network_id: UUID) -> Network:
    """Return one network of the open tenant, or raise."""
    found: Network | None = Network.objects.filter(id=network_id).first()
    if found is None:
        raise NetworkNotFoundError()
    return found


def find_network(*, name: str, version: str = "") -> Network:
    """Return a network by its name, the newest unless a version is named, or raise."""
    named = Network.objects.filter(name=name, **({"version": version} if version else {}))
    found: Network | None = named.order_by("-id").first()
    if found is None:
        raise NetworkNotFoundError()
    return found


def list_networks() -> list[Network]:
    """List all networks of the open tenant, the newest first."""
    return list(Network.objects.order_by("-id"))


def list_usable_networks() -> list[Network]:
    """List the networks that may run: not retired, papers on record, of each name the newest version."""
    newest: dict[str, Network] = {}
    for row in Network.objects.filter(retired_at=None).order_by("id"):
        newest[row.name] = row
    return [row for row in newest.values() if not missing_papers(row)]


def missing_papers(network: Network) -> tuple[str, ...]:
    """Name the papers that keep a network from running."""
    return policy.missing(tenant_id=network.tenant_id, relation=network.relation, supplier_name=network.supplier_name)


def manifest_of(network: Network) -> Manifest:
    """Return the manifest of a network.

    Raises
    ------
    ManifestError
        If it is not the one that was imported.
    """
    text = network.manifest.encode()
    if hashlib.sha256(text).digest() != bytes(network.digest):
        raise ManifestError("the manifest in the database is not the one that was imported")
    return _read_manifest(text)


# A worker reads the same few again for each image, and YAML is slow.
_read_manifest = lru_cache(maxsize=32)(read_manifest)


def get_rule(*, rule_id: UUID) -> Rule:
    """Return one rule of the open tenant, or raise."""
    found: Rule | None = Rule.objects.select_related("network").filter(id=rule_id).first()
    if found is None:
        raise RuleNotFoundError()
    return found


def list_rules() -> list[Rule]:
    """List all rules of the open tenant."""
    return list(Rule.objects.select_related("network").order_by("-is_on", "id"))


def pairs_by_rules(tagged: Sequence[ImageTag]) -> list[tuple[ImageTag, Network]]:
    """Return which networks the rules show which images, each once."""
    usable: dict[UUID, bool] = {}
    pairs: dict[tuple[UUID, UUID], tuple[ImageTag, Network]] = {}
    for rule in Rule.objects.select_related("network").filter(is_on=True, network__retired_at=None):
        if usable.setdefault(rule.network_id, not missing_papers(rule.network)):
            for tag in tagged:
                if fits(rule, tag):
                    pairs.setdefault((tag.id, rule.network_id), (tag, rule.network))
    return list(pairs.values())


def fits(rule: Rule, tag: ImageTag) -> bool:
    """Say whether an image is what a rule asks for."""
    if tag.kind not in (rule.kinds or rule.network.kinds):
        return False
    within = (
        (rule.modality, tag.modality),
        (rule.body_part, tag.body_part),
        (rule.device, tag.device),
        (rule.site, tag.site),
    )
    return all(wanted.casefold() in said.casefold() for wanted, said in within)


# --- runs -------------------------------------------------------------------------------------------------------------


def get_run(*, actor: Actor, run_id: UUID) -> Run:
    """Return one run on a study that the actor may know of, or raise."""
    found: Run | None = Run.objects.select_related("network").filter(id=run_id).first()
    if found is None or not pacs.visible_studies(actor, among=_ids([found.study_id])).exists():
        raise RunNotFoundError()
    return found


def list_runs_of_study(*, study_id: UUID) -> list[Run]:
    """List the runs on the images of a study, the newest first."""
    return list(Run.objects.select_related("network").filter(study_id=study_id).order_by("-id"))


# What is told of the analyses of a study, the foremost first.
_TOLD: Final = (Run.State.RUNNING, Run.State.WAITING, Run.State.FAILED)


def states_of(*, study_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return how far the analyses of studies are, one query for all: one that runs goes before one that waits, and
    that before one that failed. A study whose analyses are done, or that has none, is left out.
    """
    rows = Run.objects.filter(study_id__in=study_ids, state__in=_TOLD, network__retired_at=None)
    found: dict[UUID, set[str]] = defaultdict(set)
    for study_id, state in rows.values_list("study_id", "state").distinct():
        found[study_id].add(state)
    return {study_id: _foremost(states) for study_id, states in found.items()}


def state_of(runs: Iterable[Run]) -> str:
    """Return what `states_of` says of a study by all of its runs, read with their networks; empty for nothing."""
    return _foremost({run.state for run in runs if run.network.retired_at is None})


def _foremost(states: Collection[str]) -> str:
    return next((state for state in _TOLD if state in states), "")


def not_looked_at(*, study_ids: Sequence[UUID]) -> set[UUID]:
    """Return the studies of which no image was looked at yet, if a rule may ask for an analysis of them."""
    if not study_ids or not Rule.objects.filter(is_on=True, network__retired_at=None).exists():
        return set()
    tagged = ImageTag.objects.filter(study_id__in=study_ids).values_list("study_id", flat=True).distinct()
    return set(study_ids) - set(tagged)


def list_failed_runs(*, limit: int = 50) -> list[Run]:
    """List the runs that failed last."""
    found = Run.objects.select_related("network").filter(state=Run.State.FAILED).order_by("-id")
    return list(found[:limit])


def count_runs() -> dict[str, int]:
    """Count the runs of the open tenant by state."""
    rows = Run.objects.values_list("state").annotate(count=Count("id")).order_by()
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    batch: Batch
    done: int
    failed: int
    cancelled: int
    open: int

    @property
    def total(self) -> int:
        return int(self.batch.total)

    @property
    def settled(self) -> int:
        """Images that are no longer waited for, those known before among them."""
        return self.done + self.failed + self.cancelled + int(self.batch.known)

    @property
    def is_over(self) -> bool:
        is_planned = self.batch.planned_at is not None or self.batch.cancelled_at is not None
        return is_planned and self.open == 0


def get_batch(*, batch_id: UUID) -> Batch:
    """Return one batch of the open tenant, or raise."""
    found: Batch | None = Batch.objects.select_related("network").filter(id=batch_id).first()
    if found is None:
        raise BatchNotFoundError()
    return found


def list_batches(*, limit: int = 20) -> list[Progress]:
    """List the newest batches with their progress; two queries."""
    rows = list(Batch.objects.select_related("network").order_by("-id")[:limit])
    counts: dict[tuple[UUID, str], int] = {}
    grouped = Run.objects.filter(batch_id__in=[row.id for row in rows]).values_list("batch_id", "state")
    for batch_id, state, count in grouped.annotate(count=Count("id")).order_by():
        counts[batch_id, state] = count
    return [_progress(row, {state: counts.get((row.id, state), 0) for state in Run.State.values}) for row in rows]


def _progress(row: Batch, counts: dict[str, int]) -> Progress:
    return Progress(
        batch=row,
        done=counts["done"],
        failed=counts["failed"],
        cancelled=counts["cancelled"],
        open=counts["waiting"] + counts["running"],
    )


def images_of_batch(batch: Batch) -> int:
    """Count the images of a batch that are tagged by now."""
    found = ImageTag.objects.filter(
        kind__in=batch.network.kinds,
        is_readable=True,
        study__study_date__gte=batch.from_date,
        study__study_date__lte=batch.to_date,
        study__deleted_at=None,
    )
    return int(found.count())


# --- findings ---------------------------------------------------------------------------------------------------------


def list_findings(*, actor: Actor, study_id: UUID) -> list[Finding]:
    """List what networks found in a study, the urgent and the surest first, for who may see suggestions.

    Raises
    ------
    ForbiddenError
        If the actor's role may not.
    StudyNotFoundError
        If the study is none of his.
    """
    study = pacs.get_study(actor=actor, study_id=study_id)
    access.require(actor, "finding.view")
    found = Finding.objects.select_related("run__network", "run__instance", "run__series").filter(study_id=study.id)
    return list(found.filter(run__state=Run.State.DONE).order_by("-urgency", "-score", "id"))


def list_tags(*, study_ids: Iterable[UUID]) -> list[StudyTag]:
    """List the words that studies are found by."""
    return list(StudyTag.objects.filter(study_id__in=list(study_ids)).order_by("-urgency", "tag"))


def list_image_tags(*, study_id: UUID) -> list[ImageTag]:
    """List what the images of a study show."""
    return list(ImageTag.objects.filter(study_id=study_id).order_by("id"))


def find_by_tag(*, actor: Actor, tag: str, limit: int = 100) -> list[UUID]:
    """List visible studies with a tag, or one that begins with it, the newest first.

    Words that networks gave are found by those only who may see suggestions.
    """
    wanted = tag.strip().lower().replace(" ", "_")
    if not wanted:
        return []
    found = StudyTag.objects.filter(tag__gte=wanted, tag__lt=f"{wanted}\U0010ffff")
    if not access.allows(actor, "finding.view"):
        found = found.exclude(source=StudyTag.Source.NETWORK)
    ids = list(dict.fromkeys(found.order_by("-study_id").values_list("study_id", flat=True)[: limit * 4]))
    visible = set(pacs.visible_studies(actor, among=_ids(ids)).values_list("id", flat=True))
    return [study_id for study_id in ids if study_id in visible][:limit]


def _ids(study_ids: Iterable[UUID]) -> Any:
    return list(study_ids)


# --- choices ----------------------------------------------------------------------------------------------------------


def training_choice() -> TrainingChoice | None:
    """Return the decision about training that holds in the open tenant; None: not allowed, nobody ever decided."""
    found: TrainingChoice | None = TrainingChoice.objects.order_by("-id").first()
    return found


def training_purpose() -> str:
    """Return what the open tenant lets images be used for in training; empty: they are not used."""
    choice = training_choice()
    return choice.purpose if choice is not None and choice.is_allowed else ""


@dataclass(frozen=True, slots=True)
class TrainingImage:
    """One image that may be used for training; without a SOP Instance UID all of its series, which is a volume."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    kind: str


def list_training_images(*, kind: str = "") -> list[TrainingImage]:
    """List the images of the open tenant that no patient keeps out of training, also not under a merged number.

    Whose images are in doubt stay out. Whether the tenant allows training at all is asked before.
    """
    rows = ImageTag.objects.filter(is_readable=True, study__deleted_at=None, study__conflict="")
    if kind:
        rows = rows.filter(kind=kind)
    allowed = rows.exclude(study__patient_id__in=set(pacs.survivors_of(_objecting_patient_ids()).values()))
    found = allowed.order_by("id").values_list(
        "study__study_instance_uid", "series__series_instance_uid", "instance__sop_instance_uid", "kind"
    )
    return [TrainingImage(study, series, instance or "", shown) for study, series, instance, shown in found]


def has_objected(patient_id: UUID) -> bool:
    """Say whether a patient of the open tenant objects to training, under this number."""
    newest: TrainingObjection | None = TrainingObjection.objects.filter(patient_id=patient_id).order_by("-id").first()
    return newest is not None and newest.is_standing


def count_objections() -> int:
    """Count the patients who object to training."""
    return len(_objecting_patient_ids())


def _objecting_patient_ids() -> list[UUID]:
    newest = TrainingObjection.objects.filter(patient_id=OuterRef("patient_id")).order_by("-id").values("id")[:1]
    standing = TrainingObjection.objects.filter(id=Subquery(newest), is_standing=True)
    return list(standing.values_list("patient_id", flat=True))


def list_training_choices() -> list[TrainingChoice]:
    """List all decisions about training, the newest first."""
    return list(TrainingChoice.objects.order_by("-id"))


def rate() -> Rate | None:
    """Return what an hour of a processor costs in the open tenant, where somebody has said so."""
    found: Rate | None = Rate.objects.order_by("-id").first()
    return found


def rate_micros(tenant_id: UUID) -> int:
    """Return what an hour of a processor costs a tenant, in millionths."""
    with tenant_scope(tenant_id):
        found = rate()
    return int(found.per_cpu_hour_micros) if found else DEFAULT_RATE_MICROS


@dataclass(frozen=True, slots=True)
class Month:
    """What the runs of a month came to."""

    month: dt.date
    network: str
    runs: int
    cpu_s: float
    cost_micros: int


def list_months(*, limit: int = 36) -> list[Month]:
    """List what runs cost by month and network, the newest first."""
    done = Run.objects.filter(state=Run.State.DONE, ended_at__isnull=False)
    rows = (
        done.annotate(month=TruncMonth("ended_at"))
        .values_list("month", "network__name", "network__version")
        .annotate(runs=Count("id"), cpu=Sum("cpu_ms"), cost=Sum("cost_micros"))
        .order_by("-month", "network__name", "network__version")
    )
    return [
        Month(month.date(), f"{name} {version}", runs, (cpu or 0) / 1000, cost or 0)
        for month, name, version, runs, cpu, cost in rows[:limit]
    ]
