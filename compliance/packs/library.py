"""The packs on the shelf: each version loaded once, several merged into one catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from compliance.errors import PackNotFoundError
from compliance.packs.content import (
    AgreementNeed,
    AssetType,
    Channel,
    Choice,
    Clause,
    Item,
    Method,
    Pack,
    Pair,
    Probe,
    Question,
    Section,
    Threat,
    Vulnerability,
)
from compliance.packs.reading import PackError, read_pack

SHELF = Path(__file__).resolve().parents[1] / "frameworks"
Chosen = tuple[tuple[str, int], ...]


@lru_cache(maxsize=1)
def versions() -> Mapping[str, tuple[int, ...]]:
    """Return the versions of every pack on the shelf, the oldest first."""
    return list_versions(SHELF)


def list_versions(shelf: Path) -> dict[str, tuple[int, ...]]:
    """Return the packs of a folder and their versions: `<pack>/<version>/pack.yaml`."""
    found: dict[str, list[int]] = {}
    for manifest in sorted(shelf.glob("*/*/pack.yaml")):
        found.setdefault(manifest.parents[1].name, []).append(int(manifest.parent.name))
    return {pack_id: tuple(sorted(numbers)) for pack_id, numbers in found.items()}


def latest() -> dict[str, int]:
    """Return the newest version of every pack."""
    return {pack_id: numbers[-1] for pack_id, numbers in versions().items()}


@lru_cache(maxsize=64)
def load(pack_id: str, version: int) -> Pack:
    """Return one version of a pack, or raise PackNotFoundError."""
    if version not in versions().get(pack_id, ()):
        raise PackNotFoundError()
    return read_named(SHELF, pack_id, version)


def read_named(shelf: Path, pack_id: str, version: int) -> Pack:
    """Read one version from a folder; what it calls itself must be where it lies."""
    pack = read_pack(shelf / pack_id / str(version))
    if (pack.id, pack.version) != (pack_id, version):
        raise PackError(f"{pack_id}/{version} calls itself {pack.id}, version {pack.version}")
    return pack


@lru_cache(maxsize=1)
def default_choice() -> Chosen:
    """Return the newest versions of the packs that hold unless a tenant says otherwise."""
    return tuple((pack_id, version) for pack_id, version in latest().items() if load(pack_id, version).is_default)


@lru_cache(maxsize=32)
def catalogue(choice: Chosen) -> "Catalogue":
    """Return the chosen packs as one; what a pack uses comes with it."""
    packs = {pack_id: load(pack_id, version) for pack_id, version in choice}
    waiting = list(packs.values())
    while waiting:
        for pack_id, version in waiting.pop().uses.items():
            if pack_id not in packs:
                packs[pack_id] = load(pack_id, version)
                waiting.append(packs[pack_id])
    return Catalogue(tuple(packs[pack_id] for pack_id in sorted(packs)))


@dataclass(frozen=True)
class Catalogue:
    """Several packs as one book: everything by its id, in the order of the packs."""

    packs: tuple[Pack, ...]

    @cached_property
    def items(self) -> dict[str, Item]:
        return {row.id: row for pack in self.packs for row in pack.items}

    @cached_property
    def sections(self) -> dict[str, Section]:
        return {row.id: row for pack in self.packs for row in pack.sections}

    @cached_property
    def roles(self) -> dict[str, str]:
        return {role_id: label for pack in self.packs for role_id, label in pack.roles.items()}

    @cached_property
    def scales(self) -> dict[str, tuple[Choice, ...]]:
        return {scale_id: scale for pack in self.packs for scale_id, scale in pack.scales.items()}

    @cached_property
    def probes(self) -> dict[str, Probe]:
        return {row.id: row for pack in self.packs for row in pack.probes}

    @cached_property
    def questions(self) -> dict[str, Question]:
        return {row.id: row for pack in self.packs for row in pack.questions}

    @cached_property
    def threats(self) -> dict[str, Threat]:
        return {row.id: row for pack in self.packs for row in pack.threats}

    @cached_property
    def vulnerabilities(self) -> dict[str, Vulnerability]:
        return {row.id: row for pack in self.packs for row in pack.vulnerabilities}

    @cached_property
    def asset_classes(self) -> dict[str, str]:
        return {class_id: label for pack in self.packs for class_id, label in pack.asset_classes.items()}

    @cached_property
    def asset_types(self) -> dict[str, AssetType]:
        return {row.id: row for pack in self.packs for row in pack.asset_types}

    @cached_property
    def channels(self) -> dict[str, Channel]:
        return {row.id: row for pack in self.packs for row in pack.channels}

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        return {row.id: row for pack in self.packs for row in pack.clauses}

    @cached_property
    def network_zones(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(zone for pack in self.packs for zone in pack.network_zones))

    @cached_property
    def agreement_needs(self) -> tuple[AgreementNeed, ...]:
        return tuple(row for pack in self.packs for row in pack.agreement_needs)

    @cached_property
    def forbidden_phrases(self) -> tuple[str, ...]:
        return tuple(phrase for pack in self.packs for phrase in pack.forbidden_phrases)

    @cached_property
    def method(self) -> Method:
        """Return the one method of rating risks."""
        found = [pack.method for pack in self.packs if pack.method]
        if len(found) != 1:
            raise PackError(f"expected one method among {[pack.id for pack in self.packs]}, found {len(found)}")
        return found[0]

    @cached_property
    def _by_citation(self) -> dict[str, Item]:
        return {item.citation: item for item in self.items.values() if item.citation}

    def questions_of(self, section_id: str) -> tuple[Question, ...]:
        """Return the questions of a section in their order."""
        return tuple(question for question in self.questions.values() if question.section_id == section_id)

    def items_of(self, question: Question) -> tuple[Item, ...]:
        """Return the provisions that a question cites, then the proposed ones of packs that are on."""
        cited = [self._by_citation[citation] for citation in question.citations]
        return tuple(cited + [self.items[i] for i in question.proposed_item_ids if i in self.items])

    def choice(self, question: Question, value: str) -> Choice | None:
        """Return the answer of a question's scale that has this value."""
        return next((choice for choice in self.scales[question.scale_id] if choice.value == value), None)

    def pairs_of(self, thing_id: str) -> tuple[Pair, ...]:
        """Return what usually threatens an asset of this type, or a flow of this channel."""
        if thing_id in self.asset_types:
            return self.asset_types[thing_id].pairs
        return self.channels[thing_id].pairs

    def addressable(self) -> tuple[Item, ...]:
        """Return the specifications that need a decision."""
        return tuple(item for item in self.items.values() if item.is_addressable)

    def specifications(self) -> tuple[Item, ...]:
        """Return every required and addressable specification in force."""
        return tuple(item for item in self.items.values() if item.level == "spec" and not item.is_proposed)
