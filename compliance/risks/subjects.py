"""What a risk can be about: an asset, a flow, or the practice as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from django.utils.translation import gettext as _

from compliance.assets import selectors as assets
from compliance.flows import selectors as flows
from compliance.models.states import Ephi
from compliance.packs.content import Pair, Question, Statement
from compliance.packs.library import Catalogue

if TYPE_CHECKING:
    from compliance.assets.selectors import AssetRef
    from compliance.flows.selectors import FlowRef
    from compliance.models import Analysis

# The types of the imaging pack in which all images of a practice lie together.
CENTRAL_ARCHIVES: Final = frozenset({"AT-PACS", "AT-CLOUDPACS"})
PRACTICE: Final = "practice"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing at risk; `kind_id` is its type or channel in the packs."""

    key: str
    name: str
    kind_id: str = ""
    asset_id: UUID | None = None
    flow_id: UUID | None = None
    patients: int = 0
    has_patient_data: bool = True
    is_central_archive: bool = False


@dataclass(frozen=True, slots=True)
class Subjects:
    """Everything in the scope of an analysis."""

    catalogue: Catalogue
    all: tuple[Subject, ...]

    @classmethod
    def of(cls, analysis: "Analysis", catalogue: Catalogue) -> Self:
        """Read the inventory and the map, as far as the analysis reaches."""
        held = [asset for asset in assets.assets_for_analysis() if in_scope(analysis, asset.site)]
        return cls(catalogue=catalogue, all=(*map(_of_asset, held), *map(_of_flow, flows.list_flows())))

    def with_patient_data(self) -> Iterator[Subject]:
        """Yield what keeps or carries patient data, or may."""
        return (subject for subject in self.all if subject.has_patient_data)

    def concerned_by(self, question: Question, statement: Statement) -> tuple[Subject, ...]:
        """Return what a bad answer puts at risk; where nothing in the inventory fits, the practice as a whole."""
        kinds = set(question.concerns) or self._kinds_with(statement)
        found = tuple(subject for subject in self.all if subject.kind_id in kinds)
        return found or (whole_practice(),)

    def _kinds_with(self, statement: Statement) -> set[str]:
        """Return the types and channels that the packs know to have this pair, or at least this vulnerability."""
        wanted = (statement.threat_id, statement.vulnerability_id)
        pairs = [
            (kind, (pair.threat_id, pair.vulnerability_id))
            for kind in {subject.kind_id for subject in self.all}
            for pair in usual_pairs(self.catalogue, kind)
        ]
        exact = {kind for kind, pair in pairs if pair == wanted}
        return exact or {kind for kind, pair in pairs if pair[1] == statement.vulnerability_id}


def usual_pairs(catalogue: Catalogue, kind_id: str) -> tuple[Pair, ...]:
    """Return what usually threatens a type or channel; nothing for one that the packs no longer have."""
    is_known = kind_id in catalogue.asset_types or kind_id in catalogue.channels
    return catalogue.pairs_of(kind_id) if is_known else ()


def in_scope(analysis: "Analysis", site: str) -> bool:
    """Say whether an analysis covers a site; what has no site is everywhere."""
    return not analysis.sites or not site or site in analysis.sites


def whole_practice() -> Subject:
    """Return the practice as a whole."""
    return Subject(key=PRACTICE, name=_("The practice as a whole"))


def _of_asset(asset: "AssetRef") -> Subject:
    return Subject(
        key=f"asset:{asset.id}",
        name=asset.name,
        kind_id=asset.type_id,
        asset_id=asset.id,
        patients=asset.ephi_volume_patients or 0,
        has_patient_data=asset.ephi != Ephi.NONE,
        is_central_archive=asset.type_id in CENTRAL_ARCHIVES,
    )


def _of_flow(flow: "FlowRef") -> Subject:
    return Subject(
        key=f"flow:{flow.id}",
        name=flow.label or f"{flow.source.name} → {flow.target.name} ({flow.channel_name})",
        kind_id=flow.channel_id,
        flow_id=flow.id,
        has_patient_data=flow.ephi != Ephi.NONE,
    )
