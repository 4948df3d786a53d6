"""What the page of a study shows of its analyses, and what the viewer draws."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import access
from common.actor import Actor
from inference import selectors
from inference.contexts.states import State, build_state, is_arriving
from inference.contexts.words import BADGES, KINDS, QUALITY, told
from inference.models import Run, StudyTag
from inference.networks import completeness
from pacs import selectors as pacs

if TYPE_CHECKING:
    from inference.models import Finding, ImageTag

# The only words under which anything of a network is shown before a person has signed it (BR-15); never translated.
LABEL = "AI-Assisted Preliminary Findings"
NOT_A_DEVICE = gettext_lazy("Research preview, not a diagnostic device.")
_URGENCY = {0: gettext_lazy("routine"), 1: gettext_lazy("soon"), 2: gettext_lazy("same day")}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding in the list of a study."""

    title: str
    percent: int
    teeth: str
    urgency: int
    urgency_word: str
    network: str
    image: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One analysis of one image."""

    id: UUID
    network: str
    state: str
    state_word: str
    tone: str
    message: str
    findings: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class ImageLine:
    """What one image was recognised as."""

    text: str
    flags: list[str]


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """Whether the films are what was ordered."""

    procedure: str
    is_complete: bool
    missing: list[str]


@dataclass(frozen=True, slots=True)
class TaggedLine:
    """One study that a tag was found on."""

    id: UUID
    patient_name: str
    study_date: dt.date | None
    modalities: str
    tags: list[str]
    urgency: int


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """Studies by a tag; without one, those that are urgent."""

    tag: str
    lines: list[TaggedLine]
    can_view: bool
    has_network_tags: bool
    label: str
    notice: str


@dataclass(frozen=True, slots=True)
class AnalysisPart:
    """The analyses of one study."""

    study_id: UUID
    label: str
    notice: str
    sees_findings: bool
    can_run: bool
    # Whether a network would look if it were asked: none reads every kind of image.
    is_read: bool
    # Whether none would, and none has: there is nothing to say of findings.
    is_unread: bool
    findings: list[FindingLine]
    runs: list[RunLine]
    images: list[ImageLine]
    # Words to search by, less those that the lines of the images say.
    image_tags: list[str]
    network_tags: list[str]
    series: SeriesCheck | None
    is_waiting: bool
    # Whether any analysis is done: one that failed found nothing because it did not look.
    has_looked: bool
    state: State
    # Whether to look again: something is under way, or the images are just arriving.
    is_moving: bool


def build(*, actor: Actor, study_id: UUID) -> AnalysisPart:
    """Return the analyses of a study that the actor may see (inside the open scope)."""
    sees = access.allows(actor, "finding.view")
    # Before the runs: what is planned meanwhile is among them.
    arrives = is_arriving(actor=actor, study_id=study_id)
    runs = selectors.list_runs_of_study(study_id=study_id)
    images = selectors.list_image_tags(study_id=study_id)
    tags = selectors.list_tags(study_ids=[study_id])
    lines = [_run(run, sees=sees) for run in runs]
    told_images = [_image(one) for one in images]
    # Of the runs that are shown: were it asked for again, a page could show one that runs and not ask once more.
    state = build_state(study_id=study_id, runs=runs)
    can_run = access.allows(actor, "network.run")
    is_read = can_run and _is_read(images)
    return AnalysisPart(
        study_id=study_id,
        label=LABEL,
        notice=str(NOT_A_DEVICE),
        sees_findings=sees,
        can_run=can_run,
        is_read=is_read,
        is_unread=can_run and bool(images) and not is_read and not runs,
        findings=[_finding(one) for one in selectors.list_findings(actor=actor, study_id=study_id)] if sees else [],
        runs=lines,
        images=told_images,
        image_tags=_unsaid([tag.tag for tag in tags if tag.source != StudyTag.Source.NETWORK], told_images),
        network_tags=[tag.tag for tag in tags if tag.source == StudyTag.Source.NETWORK and sees],
        series=_series(images),
        is_waiting=any(line.is_open for line in lines),
        has_looked=any(run.state == Run.State.DONE for run in runs),
        state=state,
        is_moving=state.is_open or arrives,
    )


def _is_read(images: Iterable["ImageTag"]) -> bool:
    kinds = {one.kind for one in images if one.is_readable}
    return any(kinds.intersection(network.kinds) for network in selectors.list_usable_networks())


def build_tagged(*, actor: Actor, tag: str) -> TaggedPage:
    """Return the studies that have a tag (inside the open scope), the urgent ones first."""
    ids = selectors.find_by_tag(actor=actor, tag=tag)
    sees = access.allows(actor, "finding.view")
    words: dict[UUID, list[StudyTag]] = {study_id: [] for study_id in ids}
    for one in selectors.list_tags(study_ids=ids):
        if sees or one.source != StudyTag.Source.NETWORK:
            words[one.study_id].append(one)
    lines = [
        TaggedLine(
            id=study.id,
            patient_name=study.patient_name,
            study_date=study.study_date,
            modalities=study.modalities,
            tags=[one.tag for one in words[study.id]],
            urgency=max((one.urgency for one in words[study.id]), default=0),
        )
        for study in pacs.visible_studies(actor, among=ids)  # type: ignore[arg-type]  # ids do as well
    ]
    lines.sort(key=lambda line: (-line.urgency, ids.index(line.id)))
    return TaggedPage(
        tag=tag,
        lines=lines,
        can_view=access.allows(actor, "study.view"),
        has_network_tags=any(one.source == StudyTag.Source.NETWORK for found in words.values() for one in found),
        label=LABEL,
        notice=str(NOT_A_DEVICE),
    )


def overlay(*, actor: Actor, study_id: UUID) -> dict[str, Any]:
    """Return what the viewer draws: boxes by image, in its pixels; keys are our own or DICOM's (inside the scope)."""
    found = selectors.list_findings(actor=actor, study_id=study_id)
    return {
        "label": LABEL,
        "notice": str(NOT_A_DEVICE),
        "findings": [
            {
                "title": one.title,
                "score": round(one.score, 3),
                "teeth": one.teeth,
                "urgency": one.urgency,
                "SOPInstanceUID": one.run.instance.sop_instance_uid if one.run.instance else None,
                "SeriesInstanceUID": one.run.series.series_instance_uid,
                "box": [one.left, one.top, one.right, one.bottom] if one.left is not None else None,
                "slices": [one.first_slice, one.last_slice] if one.first_slice is not None else None,
            }
            for one in found
        ],
    }


def _finding(one: "Finding") -> FindingLine:
    instance = one.run.instance
    return FindingLine(
        title=one.title,
        percent=round(one.score * 100),
        teeth=one.teeth.replace("-", "–"),
        urgency=one.urgency,
        urgency_word=str(_URGENCY[one.urgency]),
        network=f"{one.run.network.title} {one.run.network.version}",
        image=_("image {number}").format(number=instance.instance_number)
        if instance and instance.instance_number
        else "",
    )


def _run(run: Run, *, sees: bool) -> RunLine:
    word, tone = BADGES[run.state]
    return RunLine(
        id=run.id,
        network=f"{run.network.title} {run.network.version}",
        state=run.state,
        state_word=str(word),
        tone=tone,
        message=run.message if run.state == Run.State.FAILED else "",
        findings=run.finding_count if sees else 0,
        is_open=run.is_open,
    )


def _image(one: "ImageTag") -> ImageLine:
    flags = [str(QUALITY[flag]) for flag in one.flags if flag in QUALITY]
    if not one.is_readable:
        flags.append(_("cannot be decoded"))
    return ImageLine(text=told(one.kind, one.laterality, one.teeth), flags=flags)


def _unsaid(tags: list[str], images: Iterable[ImageLine]) -> list[str]:
    said = "\n".join(line.text.replace("–", " ") for line in images)
    return [tag for tag in tags if tag.replace("_", " ") not in said]


def _series(images: Iterable["ImageTag"]) -> SeriesCheck | None:
    rows = list(images)
    ordered = " ".join(sorted({one.procedure for one in rows if one.procedure}))
    found = completeness.check(ordered, [one.kind for one in rows])
    if found is None:
        return None
    missing = [
        ngettext("{count} {kind}", "{count} {kind}", count).format(count=count, kind=KINDS.get(kind, kind))
        for kind, count in found.missing.items()
    ]
    return SeriesCheck(found.procedure, found.is_complete, missing)
