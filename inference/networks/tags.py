"""The words that images and findings are tagged with (BR-37): lower case, underscores, FDI numbers.

A disease is only ever ``potential_``: a tag is no diagnosis.
"""

from collections.abc import Iterable
from typing import Final

from inference.networks.vocabulary import VOCABULARY

SURFACES: Final = {"M": "mesial", "O": "occlusal", "D": "distal", "B": "buccal", "L": "lingual"}
SEVERITIES: Final = ("mild", "moderate", "severe")
QUALITY: Final = ("small", "dark", "bright", "flat", "blurred")


def of_finding(key: str, *, teeth: str = "", surface: str = "", severity: str = "") -> str:
    """Give the tag of a finding, such as ``potential_mesial_caries_36``, ``implant_46`` or ``calculus_moderate``.

    Raises
    ------
    ValueError
        If surface or severity is none.
    """
    if (surface and surface not in SURFACES) or (severity and severity not in SEVERITIES):
        raise ValueError("a surface is one of M O D B L, a severity mild, moderate or severe")
    entry = VOCABULARY.get(key)
    is_condition = entry is None or entry.nature == "condition"
    # Calculus is seen or not; how much of it is a matter of degree.
    begins = [] if severity or not is_condition else ["potential"]
    parts = [*begins, SURFACES.get(surface, ""), key, severity, teeth.replace("-", "_")]
    return "_".join(part for part in parts if part)


def of_image(kind: str, *, laterality: str = "", teeth: str = "", flags: Iterable[str] = ()) -> list[str]:
    """Give the tags of an image, such as ``bitewing_left``, ``periapical_36`` and ``quality_dark``."""
    side = {"L": "left", "R": "right"}.get(laterality, "")
    found = [kind] if kind else []
    if kind and side:
        found.append(f"{kind}_{side}")
    if kind and teeth:
        found.append(f"{kind}_{teeth.replace('-', '_')}")
    return found + [f"quality_{flag}" for flag in flags]


def to_universal(fdi: str) -> str:
    """Give the Universal number (1 to 32) of a permanent tooth: what practices of the United States write."""
    quadrant, number = int(fdi[0]), int(fdi[1])
    first = {1: 9 - number, 2: 8 + number, 3: 25 - number, 4: 24 + number}
    return str(first[quadrant])
