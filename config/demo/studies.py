"""The demo's synthetic studies: made by code, of nobody."""

from collections.abc import Iterable, Iterator
from typing import Any

from pacs.dicom import phantom

_PETRA = phantom.Person(name="Phantom^Petra", patient_id="LI-1001", birth_date="19840312", sex="F")
_PAVEL = phantom.Person(name="Phantom^Pavel", patient_id="LI-1002", birth_date="19710925", sex="M")
_PIA = phantom.Person(name="Phantom^Pia", patient_id="LI-1003", birth_date="20140618", sex="F")
_HANNO = phantom.Person(name="Harbor^Hanno", patient_id="HD-1", birth_date="19900101", sex="M")


def lakeside() -> Iterator[Iterable[bytes]]:
    """Yield the files of each study of the imaging centre."""
    yield phantom.make_cbct(
        patient=_PETRA, seed="lakeside-cbct", **_taken("20260112", "094000", "CBCT for an implant at 36", "LI-26-0112")
    )
    before = _taken("20251103", "140500", "Panoramic, first visit", "LI-25-1103")
    yield [phantom.make_panoramic(patient=_PETRA, seed="lakeside-panoramic", **before)]
    growing = _taken("20260108", "112000", "Cephalogram before orthodontics", "LI-26-0108")
    yield [phantom.make_cephalometric(patient=_PIA, seed="lakeside-cephalometric", **growing)]
    yearly = _taken("20260109", "163000", "Yearly check, left side", "LI-26-0109")
    yield [phantom.make_bitewing(patient=_PAVEL, seed="lakeside-bitewing", **yearly)]


def harbor() -> Iterator[Iterable[bytes]]:
    """Yield the files of each study of the practice group."""
    taken = _taken("20260107", "083000", "Panoramic, wisdom teeth", "HD-26-0107")
    yield [phantom.make_panoramic(patient=_HANNO, seed="harbor-panoramic", **taken)]


def _taken(day: str, time: str, description: str, accession_number: str) -> dict[str, Any]:
    """Say when and why a study was made, in the terms of PS3.3 C.7.2.1, C.7.3.1 and C.7.6.1."""
    moments = {
        f"{level}{part}": value
        for level in ("Study", "Series", "Acquisition", "Content")
        for part, value in (("Date", day), ("Time", time))
    }
    return {**moments, "StudyDescription": description, "AccessionNumber": accession_number}
