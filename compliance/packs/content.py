"""What a pack says, as frozen values: rules, questions, risks, things of a practice, and the method."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How a pack binds its reader."""

    IN_FORCE = "in_force"
    PROPOSED = "proposed"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Item:
    """One provision: a standard, a specification, a privacy item, or a proposed change."""

    id: str
    pack_id: str
    citation: str
    level: str
    title: str
    requirement: str
    text: str
    parent_id: str
    is_proposed: bool
    is_usually_not_applicable: bool
    prepares: str
    figures: Mapping[str, str]

    @property
    def is_addressable(self) -> bool:
        """Say whether it may be answered by a documented alternative."""
        return self.requirement == "addressable"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the walk."""

    id: str
    pack_id: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a scale; `gap` is 0 for all in place, 1 for nothing, None where it does not apply."""

    value: str
    label: str
    gap: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What can go wrong when a question is answered badly; ratings are suggestions from 1 to 5."""

    threat_id: str
    vulnerability_id: str
    likelihood: int
    impact: int
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the walk."""

    id: str
    pack_id: str
    section_id: str
    text: str
    guidance: str
    ask_role: str
    scale_id: str
    citations: tuple[str, ...]
    proposed_item_ids: tuple[str, ...]
    concerns: tuple[str, ...]
    is_imaging: bool
    statements: tuple[Statement, ...]
    remedy: str
    effort: str
    probe_ids: tuple[str, ...]
    manual_evidence: str
    crosswalk: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that the portal may measure of itself."""

    id: str
    measures: str
    source: str
    unit: str
    pass_rule: str


@dataclass(frozen=True, slots=True)
class Threat:
    """Something that may happen."""

    id: str
    name: str
    source: str
    harms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """What lets it happen."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A threat with the vulnerability that it would use, and the suggested rating."""

    threat_id: str
    vulnerability_id: str
    likelihood: int
    impact: int


@dataclass(frozen=True, slots=True)
class AssetType:
    """A kind of thing in a practice, with what is usual for it."""

    id: str
    class_id: str
    name: str
    protocols: tuple[str, ...]
    typical_os: str
    ephi: str
    criticality: str
    life_years: int | None
    modality: str
    sop_class_uids: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in which data moves; one that `discloses` lets it leave the hands of the practice."""

    id: str
    name: str
    ports: tuple[int, ...]
    encrypted: str
    logged: str
    discloses: bool
    expected: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a scale of the method; `texts` are its descriptions by their key."""

    level: int
    code: str
    name: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Element:
    """One of the nine elements of a risk analysis, and the gate that it sets."""

    number: int
    name: str
    means: str
    data_needed: tuple[str, ...]
    report_section: str
    gate: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the report."""

    number: str
    title: str
    contains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How risks are rated. Matrices are rows of likelihood by columns of impact (or of harm), codes from VL to VH."""

    basis: str
    principles: tuple[str, ...]
    likelihood: tuple[Level, ...]
    impact: tuple[Level, ...]
    risk_levels: tuple[Level, ...]
    risk_matrix: Mapping[str, tuple[str, ...]]
    overall_likelihood_matrix: Mapping[str, tuple[str, ...]]
    answer_shift: Mapping[str, int]
    responses: tuple[str, ...]
    review_triggers: tuple[str, ...]
    elements: tuple[Element, ...]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """What an agreement must (`required`), may (`optional_grant`) or should (`advisory`) say."""

    id: str
    citation: str
    requirement: str
    title: str
    text: str
    condition: str
    risk_if_missing: str
    basis: str
    is_imaging: bool


@dataclass(frozen=True, slots=True)
class AgreementNeed:
    """Whether a kind of party needs an agreement, and why."""

    party: str
    needed: str
    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a version did with ids of the one before it."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of one pack."""

    id: str
    version: int
    title: str
    jurisdiction: str
    status: Status
    is_default: bool
    licence: str
    sources: tuple[str, ...]
    notice: str
    guidance: Mapping[str, str]
    uses: Mapping[str, int]
    forbidden_phrases: tuple[str, ...]
    items: tuple[Item, ...] = ()
    sections: tuple[Section, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    questions: tuple[Question, ...] = ()
    threats: tuple[Threat, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()
    asset_classes: Mapping[str, str] = field(default_factory=dict)
    asset_types: tuple[AssetType, ...] = ()
    network_zones: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    method: Method | None = None
    clauses: tuple[Clause, ...] = ()
    agreement_needs: tuple[AgreementNeed, ...] = ()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changed: Changed = field(default_factory=Changed)

    @property
    def is_proposed(self) -> bool:
        """Say whether nothing in it is law yet."""
        return self.status is Status.PROPOSED
