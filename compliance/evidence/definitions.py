"""What each probe measures and what its target is: from the packs, and for the portal's own running from here."""

from functools import lru_cache
from pathlib import Path

import yaml

from compliance.packs import library
from compliance.packs.content import Probe as Definition


@lru_cache(maxsize=1)
def all_definitions() -> dict[str, Definition]:
    """Return every definition by its id: those of the question bank first."""
    of_packs = library.catalogue(library.default_choice()).probes
    return {**of_packs, **{one.id: one for one in _operations()}}


def _operations() -> list[Definition]:
    with (Path(__file__).parent / "operations.yaml").open() as file:
        rows = yaml.safe_load(file)
    return [
        Definition(
            id=row["id"],
            measures=row["measures"],
            source=row["source"],
            unit=row["unit"],
            pass_rule=str(row["pass"]),
        )
        for row in rows
    ]
