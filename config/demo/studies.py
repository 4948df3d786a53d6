"""The demo's synthetic studies: made by code, of nobody."""

from collections.abc import Iterable, Iterator

from pacs.dicom import phantom

_PETRA = phantom.Person(name="Phantom^Petra", patient_id="LI-1001", birth_date="19840312", sex="F")
_PAVEL = phantom.Person(name="Phantom^Pavel", patient_id="LI-1002", birth_date="19710925", sex="M")
_PIA = phantom.Person(name="Phantom^Pia", patient_id="LI-1003", birth_date="20140618", sex="F")
_HANNO = phantom.Person(name="Harbor^Hanno", patient_id="HD-1", birth_date="19900101", sex="M")


def lakeside() -> Iterator[Iterable[bytes]]:
    """Yield the files of each study of the imaging centre."""
    yield phantom.make_cbct(patient=_PETRA, seed="lakeside-cbct")
    yield [phantom.make_panoramic(patient=_PETRA, seed="lakeside-panoramic")]
    yield [phantom.make_cephalometric(patient=_PIA, seed="lakeside-cephalometric")]
    yield [phantom.make_bitewing(patient=_PAVEL, seed="lakeside-bitewing")]


def harbor() -> Iterator[Iterable[bytes]]:
    """Yield the files of each study of the practice group."""
    yield [phantom.make_panoramic(patient=_HANNO, seed="harbor-panoramic")]
