"""Names of every script: right in the page, right in the JSON."""

from pathlib import Path

import pytest

from tests.factories.studies import make_dicom, store
from tests.hostile.names import name_by_portal, name_by_pydicom
from tests.pacs.dimse.talking import make_called_tenant, talk

pytestmark = pytest.mark.django_db
STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"


NAMES = [
    "fo-dicom__fo-dicom/GH1301.dcm",
    "fo-dicom__fo-dicom/charset/chrGB2312.dcm",
    "pydicom__pydicom/chrArab.dcm",
    "pydicom__pydicom/chrFren.dcm",
    "pydicom__pydicom/chrFrenMulti.dcm",
    "pydicom__pydicom/chrGerm.dcm",
    "pydicom__pydicom/chrGreek.dcm",
    "pydicom__pydicom/chrH31.dcm",
    "pydicom__pydicom/chrH32.dcm",
    "pydicom__pydicom/chrHbrw.dcm",
    "pydicom__pydicom/chrI2.dcm",
    "pydicom__pydicom/chrRuss.dcm",
    "pydicom__pydicom/chrX1.dcm",
    "pydicom__pydicom/chrX2.dcm",
]


@pytest.mark.req("PA-01")
@pytest.mark.parametrize("path", NAMES)
def test_a_name_is_shown_as_it_is_written(data_folder: Path, path: str) -> None:
    file = (data_folder / "dicom" / "charset" / path).read_bytes()
    written, shown = name_by_pydicom(file), name_by_portal(file)

    assert shown.found == written.groups
    assert ", ".join(written.words) in shown.worklist


@pytest.mark.req("X-20")
@pytest.mark.parametrize("path", NAMES)
def test_a_device_is_told_a_name_as_it_is_written(data_folder: Path, path: str) -> None:
    file = (data_folder / "dicom" / "charset" / path).read_bytes()
    (verdict,) = store(make_called_tenant().id, [file])
    assert verdict.is_stored

    (match,) = talk(lambda device: device.find(STUDY_ROOT, QueryRetrieveLevel="STUDY", PatientName=None), STUDY_ROOT)

    assert match["00100010"]["Value"] == [name_by_pydicom(file).groups]


@pytest.mark.parametrize(
    ("name", "display"),
    [
        ("==Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^Ann^Dr.^Jr.", "Dr. Doe, Jane Ann, Jr."),
        ('O\'Brien "Bob" & Söhne', 'O\'Brien "Bob" & Söhne'),
    ],
)
def test_an_unusual_name_is_shown_as_text(name: str, display: str) -> None:
    shown = name_by_portal(make_dicom(PatientName=name))

    assert display in shown.worklist


def test_a_name_is_never_markup() -> None:
    shown = name_by_portal(make_dicom(PatientName="<script>alert(1)</script>^Bobby"))

    assert "<script>alert(1)</script>, Bobby" in shown.worklist
    assert "<script>alert" not in shown.source
