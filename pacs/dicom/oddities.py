"""What a header says in a way that is not understood: told to who sent it, never guessed at.

Only what lists are searched and sorted by is looked at. A note names the attribute, never its value.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from pacs.dicom.dates import parse_date
from pacs.dicom.dictionary import tag_of, vr_of
from pacs.dicom.json_model import Attributes, get_str

_TIME: Final = re.compile(r"\d{2}:?(\d{2}:?(\d{2}(\.\d{1,6})?)?)?\Z")
# By value representation (PS3.5 table 6.2-1): the most characters, of a name in one of its three groups.
_LENGTHS: Final = {"CS": 16, "LO": 64, "PN": 64, "SH": 16}
_KEYWORDS: Final = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "StudyDescription", "ReferringPhysicianName"),
    *("Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined", "InstanceNumber"),
)
_LOOKED_AT: Final = tuple((keyword, tag_of(keyword), vr_of(int(tag_of(keyword), 16)) or "UN") for keyword in _KEYWORDS)


def _is_whole(text: str) -> bool:
    return text.lstrip("+-").isdigit()


_CHECKS: Final[Mapping[str, tuple[Callable[[str], object], str]]] = {
    "DA": (parse_date, "is no date"),
    "IS": (_is_whole, "is no whole number"),
    "TM": (_TIME.match, "is no time"),
}


def list_oddities(header: Attributes) -> list[str]:
    """Say what of a header is not as the standard has it.

    Parameters
    ----------
    header
        As the DICOM JSON model.
    """
    found = []
    for keyword, tag, vr in _LOOKED_AT:
        attribute = header.get(tag)
        if attribute is not None and (oddity := _oddity(header, keyword, attribute["vr"], vr)):
            found.append(f"{keyword} {oddity}.")
    return found


def _oddity(header: Attributes, keyword: str, written: str, vr: str) -> str:
    text = get_str(header, keyword).strip()
    if written != vr:
        return f"is written as {written}, and is {vr}"
    if not text:
        return ""
    is_right, words = _CHECKS.get(vr, (bool, ""))
    if not is_right(text):
        return words
    longest = max(map(len, text.split("="))) if vr == "PN" else len(text)
    return f"is longer than {vr} may be" if longest > _LENGTHS.get(vr, longest) else ""
