"""Everything that the gates and the report of an analysis look at, read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db.models import Exists, OuterRef

from compliance.analysis import questionnaire
from compliance.analysis.selectors import analyses
from compliance.devices import selectors as devices
from compliance.models import Analysis, Answer, Asset, DataFlow, Risk, RiskExemption, SectionState
from compliance.models.states import Ephi
from compliance.packs.library import Catalogue
from compliance.remediation import decisions
from compliance.risks import selectors as risks
from compliance.risks.subjects import in_scope


@dataclass(frozen=True, slots=True)
class Held:
    """An asset in the scope of the analysis; `is_exempt`: somebody documented that no threat applies to it."""

    id: UUID
    name: str
    class_id: str
    ephi: str
    is_exempt: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """An analysis as it is at this moment."""

    analysis: Analysis
    catalogue: Catalogue
    assets: tuple[Held, ...]
    # Assets into which, and out of which, data flows.
    fed_ids: frozenset[UUID]
    feeding_ids: frozenset[UUID]
    answers: tuple[Answer, ...]
    skip_reasons: dict[str, str]
    sections: dict[str, SectionState]
    risks: tuple[Risk, ...]
    undecided_spec_ids: tuple[str, ...]
    unknown_devices: int

    @classmethod
    def of(cls, analysis: Analysis) -> Self:
        """Read them."""
        catalogue = questionnaire.catalogue_of(analysis)
        decided = decisions.decided_ids()
        fed, feeding = _ends()
        return cls(
            analysis=analysis,
            catalogue=catalogue,
            assets=tuple(_held(analysis, catalogue)),
            fed_ids=fed,
            feeding_ids=feeding,
            answers=tuple(analyses.list_answers(analysis.id)),
            skip_reasons=questionnaire.skipped(catalogue, analysis.asset_classes),
            sections=analyses.list_sections(analysis.id),
            risks=tuple(risks.list_risks(analysis.id)),
            undecided_spec_ids=tuple(item.id for item in catalogue.addressable() if item.id not in decided),
            unknown_devices=devices.count_proposed(),
        )

    @property
    def ephi_assets(self) -> tuple[Held, ...]:
        """Return the assets that have patient data, or of which nobody said that they have none."""
        return tuple(asset for asset in self.assets if asset.ephi != Ephi.NONE)

    @property
    def bare_assets(self) -> tuple[Held, ...]:
        """Return the assets with patient data to which nothing is rated, and none applicable is not documented."""
        rated = {risk.asset_id for risk in self.confirmed if risk.current_level}
        return tuple(asset for asset in self.ephi_assets if not asset.is_exempt and asset.id not in rated)

    @property
    def confirmed(self) -> tuple[Risk, ...]:
        """Return the risks that a person took into the register."""
        return tuple(risk for risk in self.risks if risk.state == Risk.State.CONFIRMED)

    @property
    def undecided(self) -> tuple[Risk, ...]:
        """Return the proposals that nobody decided on."""
        return tuple(risk for risk in self.risks if risk.state == Risk.State.PROPOSED)


def _held(analysis: Analysis, catalogue: Catalogue) -> Iterator[Held]:
    exempt = RiskExemption.objects.filter(analysis=analysis, asset=OuterRef("pk"))
    rows = Asset.objects.present().annotate(is_exempt=Exists(exempt)).order_by("name", "id")
    for row in rows.values("id", "name", "type_id", "site", "ephi", "is_exempt"):
        kind = catalogue.asset_types.get(row["type_id"])
        if in_scope(analysis, row["site"]):
            class_id = kind.class_id if kind else ""
            yield Held(row["id"], row["name"], class_id, row["ephi"], is_exempt=row["is_exempt"])


def _ends() -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return the assets into which, and out of which, data flows today."""
    fed: set[UUID | None] = set()
    feeding: set[UUID | None] = set()
    ends = DataFlow.objects.running().values_list("source_asset_id", "target_asset_id", "is_both_ways")
    for source, target, is_both_ways in ends:
        feeding.add(source)
        fed.add(target)
        if is_both_ways:
            feeding.add(target)
            fed.add(source)
    return frozenset(one for one in fed if one), frozenset(one for one in feeding if one)
