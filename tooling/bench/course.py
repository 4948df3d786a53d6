"""All phases in their order: what later ones read is stored by the first, and the many tiny studies come last."""

from typing import Final

from tooling.bench import arriving, dimse, multiframe, phases, viewing
from tooling.bench.phases import Phase

COURSE: Final[tuple[Phase, ...]] = (
    *phases.STORING,
    *phases.READING,
    *viewing.PHASES,
    *dimse.PHASES,
    *multiframe.PHASES,
    *arriving.PHASES,
    *phases.SEARCHING,
)
