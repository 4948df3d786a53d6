"""The scan on files that real devices and other people's test suites wrote."""

from collections import Counter
from pathlib import Path

import pytest

from pacs.dicom import errors
from pacs.dicom.names import PersonName
from pacs.dicom.scan import Scanner
from tests.pacs.dicom import oracle
from tests.pacs.dicom.encoded import scan


@pytest.fixture(scope="module")
def dicom_folder(data_folder: Path) -> Path:
    return data_folder / "dicom"


@pytest.mark.parametrize("subset", ["cbct", "radiographs"])
@pytest.mark.req("PA-01")
def test_every_dental_image_is_accepted(dicom_folder: Path, subset: str) -> None:
    verdicts = Counter(oracle.verdict_of(path) for path in oracle.files_of(dicom_folder / subset))

    assert set(verdicts) == {"stored"}


@pytest.mark.parametrize("subset", ["charset", "codecs", "radiographs", "deid", "malformed"])
def test_attributes_equal_those_of_pydicom(dicom_folder: Path, subset: str) -> None:
    assert oracle.disagreements(oracle.files_of(dicom_folder / subset)) == {}


def test_attributes_of_slices_equal_those_of_pydicom(dicom_folder: Path) -> None:
    assert oracle.disagreements(oracle.files_of(dicom_folder / "cbct", every=10)) == {}


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("blairconrad__dicognito/bad.dcm", "truncated"),
        ("dcm4che__dcm4che/no_preamble_dicm_in_data", "bad-uid"),
        ("ivmartel__dwv/dwv-test_bad.zip", "not-dicom"),
        ("ivmartel__dwv/dwv-test_no-number-rows.dcm", "bad-uid"),
        ("orthanc-mirrors__orthanc-tests/2026-05-26-oob-monochrome-46341.dcm", "limit-exceeded"),
        ("orthanc-mirrors__orthanc-tests/DummyCT-overwrite.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/DummyCT.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/DummyCTInvalidRows.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/DummyCTWithLongTag.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/MultiframeWindowing.dcm", "stored"),
        ("orthanc-mirrors__orthanc-tests/PatientIdsCollision/Image1.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/PatientIdsCollision/Image2.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/PatientIdsCollision/Image3.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/PatientIdsCollision/Issue131-a.dcm", "pixel-data-missing"),
        ("orthanc-mirrors__orthanc-tests/PatientIdsCollision/Issue131-b.dcm", "pixel-data-missing"),
        ("pydicom__pydicom/ExplVR_BigEndNoMeta.dcm", "stored"),
        ("pydicom__pydicom/ExplVR_LitEndNoMeta.dcm", "stored"),
        ("pydicom__pydicom/J2K_pixelrep_mismatch.dcm", "stored"),
        ("pydicom__pydicom/JPEG2000-embedded-sequence-delimiter.dcm", "stored"),
        ("pydicom__pydicom/MR_truncated.dcm", "truncated"),
        ("pydicom__pydicom/UN_sequence.dcm", "bad-uid"),
        ("pydicom__pydicom/badVR.dcm", "bad-image-attribute"),
        ("pydicom__pydicom/empty_charset_LEI.dcm", "bad-uid"),
        ("pydicom__pydicom/meta_missing_tsyntax.dcm", "not-dicom"),
        ("pydicom__pydicom/nested_priv_SQ.dcm", "bad-uid"),
        ("pydicom__pydicom/no_meta.dcm", "not-dicom"),
        ("pydicom__pydicom/no_meta_group_length.dcm", "bad-uid"),
        ("pydicom__pydicom/reportsi_with_empty_number_tags.dcm", "stored"),
        ("pydicom__pydicom/rtplan_truncated.dcm", "truncated"),
    ],
)
def test_a_malformed_file_has_its_verdict(dicom_folder: Path, path: str, verdict: str) -> None:
    assert oracle.verdict_of(dicom_folder / "malformed" / path) == verdict


@pytest.mark.parametrize("series", ["marcovms04__Maxillofacial-3D", "carestream-cs9600-20-slices"])
def test_a_slice_cut_at_any_64th_byte_is_refused(dicom_folder: Path, series: str) -> None:
    whole = oracle.files_of(dicom_folder / "cbct" / series)[0].read_bytes()

    passed = [size for size in range(0, len(whole), 64) if _passes(whole[:size])]

    assert passed == []


def test_the_pixels_of_a_slice_are_its_last_bytes(dicom_folder: Path) -> None:
    whole = oracle.files_of(dicom_folder / "cbct" / "marcovms04__Maxillofacial-3D")[0].read_bytes()
    result = scan(whole)

    assert result.pixel is not None
    assert result.pixel.index.segments(1) == [(len(whole) - 360 * 360 * 2, 360 * 360 * 2)]


def test_names_of_all_scripts_have_words_to_search(dicom_folder: Path) -> None:
    paths = oracle.files_of(dicom_folder / "charset" / "fo-dicom__fo-dicom")
    names = [scan(path.read_bytes()).head.json["00100010"]["Value"][0] for path in paths]

    assert all(PersonName.from_json(name).search_tokens for name in names)


def _passes(data: bytes) -> bool:
    scanner = Scanner()
    try:
        scanner.feed(data)
        scanner.finish()
    except errors.ScanError:
        return False
    return True
