"""The portal's words for what a network may find: a stable key, a title, a code, and how a person should take it.

The first 31 are the classes of a widely used public panoramic set, in its order; calculus and bridge, which that list
lacks, follow. SNOMED CT codes stand only where they were checked; the others are the portal's own concepts.
"""

from dataclasses import dataclass
from typing import Final, Literal

CODING_SCHEME: Final = "99BITEWING"
SNOMED: Final = "SCT"

# What kind of thing it is: disease or damage, work that was done, or a landmark (BR-07, BR-08).
Nature = Literal["condition", "restoration", "anatomy"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the vocabulary.

    Attributes
    ----------
    urgency
        0 routine, 1 soon, 2 to be looked at the same day: what a triage list sorts by. A suggestion, not a verdict.
    scheme, value
        Coding scheme and code; without a scheme the code is the key in the portal's own scheme.
    """

    key: str
    title: str
    nature: Nature
    urgency: int = 0
    scheme: str = ""
    code: str = ""

    @property
    def value(self) -> str:
        """The code, in its own scheme or in the portal's."""
        return self.code or self.key


PANORAMIC_31: Final = (
    Entry("caries", "Caries", "condition", 1, SNOMED, "80967001"),
    Entry("crown", "Crown", "restoration"),
    Entry("filling", "Filling", "restoration"),
    Entry("implant", "Implant", "restoration"),
    Entry("malaligned", "Malaligned tooth", "condition"),
    Entry("mandibular_canal", "Mandibular canal", "anatomy"),
    Entry("missing_teeth", "Missing teeth", "condition"),
    Entry("periapical_lesion", "Periapical lesion", "condition", 1),
    Entry("retained_root", "Retained root", "condition", 1),
    Entry("root_canal_treatment", "Root canal treatment", "restoration"),
    Entry("root_piece", "Root piece", "condition", 1),
    Entry("impacted_tooth", "Impacted tooth", "condition"),
    Entry("maxillary_sinus", "Maxillary sinus", "anatomy", 0, SNOMED, "15924003"),
    Entry("bone_loss", "Bone loss", "condition", 1),
    Entry("fractured_tooth", "Fractured tooth", "condition", 2),
    Entry("permanent_teeth", "Permanent teeth", "anatomy"),
    Entry("supra_eruption", "Supra-eruption", "condition"),
    Entry("tad", "Temporary anchorage device", "restoration"),
    Entry("abutment", "Abutment", "restoration"),
    Entry("attrition", "Attrition", "condition"),
    Entry("bone_defect", "Bone defect", "condition", 1),
    Entry("gingival_former", "Gingival former", "restoration"),
    Entry("metal_band", "Metal band", "restoration"),
    Entry("orthodontic_brackets", "Orthodontic brackets", "restoration"),
    Entry("permanent_retainer", "Permanent retainer", "restoration"),
    Entry("post_core", "Post and core", "restoration"),
    Entry("plating", "Plating", "restoration"),
    Entry("wire", "Wire", "restoration"),
    Entry("cyst", "Cyst", "condition", 2, SNOMED, "367643001"),
    Entry("root_resorption", "Root resorption", "condition", 1),
    Entry("primary_teeth", "Primary teeth", "anatomy"),
)

_BEYOND = (
    Entry("calculus", "Calculus", "condition"),
    Entry("bridge", "Bridge", "restoration"),
    Entry("implant_or_root_filling", "Implant, or a root-filled or post tooth", "restoration"),
)

VOCABULARY: Final = {entry.key: entry for entry in (*PANORAMIC_31, *_BEYOND)}
