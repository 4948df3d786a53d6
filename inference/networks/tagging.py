"""What an image shows, told from its header: kind, side, teeth (BR-05, BR-34). No network is asked."""

import re
from dataclasses import dataclass
from typing import Final

from inference.networks.manifest import ImageKind
from pacs.dicom.json_model import Attributes, get_items, get_number, get_str
from pacs.dicom.teeth import TEETH

# Dental images of a projection have one of these modalities (PS3.3 C.7.3.1.1.1); the others come from elsewhere.
_BY_MODALITY: Final = {"PX": ImageKind.PANORAMIC, "CT": ImageKind.CBCT, "XC": ImageKind.PHOTO}
_PROJECTIONS: Final = frozenset({"IO", "DX", "CR", "RG", "OT"})
# Words in English, German, French, Spanish and Italian, in the order in which they decide.
_WORDS: Final = (
    (ImageKind.CEPHALOMETRIC, r"ceph|\bfernr(ö|oe)ntgen|\bfrs\b|cefalom|teleradio|t(é|e)l(é|e)radio"),
    (ImageKind.BITEWING, r"bite.?wing|bissfl|\bbw[lr]?x?\b|interprox|aleta|coronaire"),
    (ImageKind.PERIAPICAL, r"periapi|p(é|e)riapi|zahnfilm|\bpa\b|alv(é|e)olaire|endoral"),
    (ImageKind.PANORAMIC, r"panoram|\bpano\b|\bopg\b|\bopt\b|orthopan|ortopan"),
    (ImageKind.CBCT, r"\bcbct\b|\bdvt\b"),
)
_SIDES: Final = (
    ("L", r"\bleft\b|\blinks\b|\bgauche\b|\bizquierd|\bsinistr"),
    ("R", r"\bright\b|\brechts\b|\bdroite?\b|\bderech|\bdestr"),
)
_CODES: Final = {tooth.code: tooth.fdi for tooth in TEETH.values()}
# A panoramic is much wider than high, and no intraoral sensor has so many columns.
_WIDE: Final = 1.6
_PANORAMIC_COLUMNS: Final = 1500


@dataclass(frozen=True, slots=True)
class Shown:
    """What an image shows.

    Attributes
    ----------
    kind
        None where nothing tells it.
    told_by
        ``header`` (a coded value), ``words`` (of a description), ``shape`` (of the image), or empty.
    laterality
        ``L``, ``R``, or empty.
    teeth
        One FDI number, a range of them, or empty.
    """

    kind: ImageKind | None
    told_by: str
    laterality: str
    teeth: str


def tell(header: Attributes, *, words: str = "", is_volume: bool = False) -> Shown:
    """Tell what an instance shows.

    Parameters
    ----------
    header
        DICOM JSON model of the instance.
    words
        Descriptions of series and study, protocol names: whatever people wrote about the image.
    is_volume
        Its series forms a volume.
    """
    text = " ".join([words, get_str(header, "ProtocolName"), get_str(header, "ImageComments")]).lower()
    kind, told_by = _kind(header, text, is_volume=is_volume)
    return Shown(kind, told_by, _laterality(header, text), _teeth(header))


def _kind(header: Attributes, text: str, *, is_volume: bool) -> tuple[ImageKind | None, str]:
    modality = get_str(header, "Modality")
    if modality == "CT":
        return (ImageKind.CBCT, "header") if is_volume else (None, "")
    if modality in _BY_MODALITY:
        return _BY_MODALITY[modality], "header"
    if modality not in _PROJECTIONS:
        return None, ""
    for kind, pattern in _WORDS:
        if re.search(pattern, text):
            return kind, "words"
    return _by_shape(header, modality)


def _by_shape(header: Attributes, modality: str) -> tuple[ImageKind | None, str]:
    rows, columns = get_number(header, "Rows") or 0, get_number(header, "Columns") or 0
    if not rows or not columns:
        return None, ""
    if modality == "IO":
        # Bitewings lie across and show both jaws; a film of one tooth's root mostly stands.
        is_bitewing = columns > rows and not _teeth(header)
        return (ImageKind.BITEWING if is_bitewing else ImageKind.PERIAPICAL), "shape"
    if get_str(header, "BodyPartExamined") in {"SKULL", "HEAD"} and columns < rows * _WIDE:
        return ImageKind.CEPHALOMETRIC, "shape"
    if columns >= rows * _WIDE and columns >= _PANORAMIC_COLUMNS:
        return ImageKind.PANORAMIC, "shape"
    return None, ""


def _laterality(header: Attributes, text: str) -> str:
    for keyword in ("ImageLaterality", "Laterality"):
        said = get_str(header, keyword)
        if said in {"L", "R"}:
            return said
    sides = [side for side, pattern in _SIDES if re.search(pattern, text)]
    return sides[0] if len(sides) == 1 else ""


def _teeth(header: Attributes) -> str:
    """Read the teeth that the header names (PS3.3 C.8.12.2, Primary Anatomic Structure Sequence; CID 4018)."""
    named = []
    for keyword in ("PrimaryAnatomicStructureSequence", "AnatomicRegionSequence"):
        items = get_items(header, keyword)
        named += [_CODES[code] for item in items if (code := get_str(item, "CodeValue")) in _CODES]
    found = sorted(set(named), key=order)
    if not found:
        return ""
    return found[0] if len(found) == 1 else f"{found[0]}-{found[-1]}"


def order(fdi: str) -> int:
    """Give the place of a tooth as one looks at the patient: 18 to 11, 21 to 28, then 48 to 41, 31 to 38."""
    quadrant, number = int(fdi[0]), int(fdi[1])
    is_right = quadrant in (1, 4, 5, 8)
    along = 8 - number if is_right else 7 + number
    return along + (0 if quadrant in (1, 2, 5, 6) else 16)
