"""A picture as a DICOM object."""

import datetime as dt
from io import BytesIO

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

from pacs.dicom import pictures
from pacs.dicom.film import FILM_KINDS, FilmHeader, write_film
from pacs.dicom.pictures import PictureError
from pacs.dicom.scan import Scanner
from pacs.dicom.teeth import TEETH
from tests.factories.pictures import make_jpeg, make_pixels, make_png


def header(kind: str = "intraoral-photo", **changes: object) -> FilmHeader:
    values: dict[str, object] = {
        "kind": FILM_KINDS[kind],
        "patient_name": "Müller^Jürgen",
        "patient_id": "P-1",
        "issuer": "",
        "birth_date": dt.date(1980, 1, 2),
        "sex": "M",
        "taken_on": dt.date(2026, 11, 20),
        "tooth": "",
        "laterality": "",
        "study_instance_uid": "2.25.1",
        "series_instance_uid": "2.25.2",
        "sop_instance_uid": "2.25.3",
        "instance_number": 1,
        "description": "Photograph",
        "created_at": dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC),
    }
    return FilmHeader(**(values | changes))  # type: ignore[arg-type]  # by name


def wrap(original: bytes, **changes: object) -> tuple[bytes, Dataset]:
    file = write_film(header(**changes), pictures.inspect(original), original)  # type: ignore[arg-type]  # by name
    return file, pydicom.dcmread(BytesIO(file))


@pytest.mark.req("AI-01")
def test_a_jpeg_lies_in_the_object_byte_for_byte() -> None:
    original = make_jpeg()
    _, dataset = wrap(original)

    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    assert frame[: len(original)] == original
    assert frame[len(original) :] in {b"", b"\0"}
    assert (dataset.LossyImageCompression, dataset.LossyImageCompressionMethod) == ("01", "ISO_10918_1")


def test_a_png_becomes_native_pixels() -> None:
    pixels = make_pixels()
    _, dataset = wrap(make_png(pixels))

    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert np.array_equal(dataset.pixel_array, pixels)


@pytest.mark.parametrize(
    ("kind", "sop_class", "modality"),
    [
        ("intraoral-photo", "1.2.840.10008.5.1.4.1.1.77.1.4", "XC"),
        ("face-photo", "1.2.840.10008.5.1.4.1.1.77.1.4", "XC"),
        ("intraoral-xray", "1.2.840.10008.5.1.4.1.1.7", "IO"),
        ("panoramic", "1.2.840.10008.5.1.4.1.1.7", "PX"),
        ("cephalometric", "1.2.840.10008.5.1.4.1.1.7", "DX"),
        ("other", "1.2.840.10008.5.1.4.1.1.7", "OT"),
    ],
)
def test_a_picture_claims_no_more_than_it_is(kind: str, sop_class: str, modality: str) -> None:
    _, dataset = wrap(make_jpeg(), kind=kind)

    assert (dataset.SOPClassUID, dataset.Modality) == (sop_class, modality)
    assert "PixelSpacing" not in dataset
    assert ("ConversionType" in dataset) == (sop_class == "1.2.840.10008.5.1.4.1.1.7")


def test_a_tooth_is_named_by_its_code_and_side() -> None:
    _, dataset = wrap(make_jpeg(), kind="intraoral-xray", tooth="36", laterality="L")

    (tooth,) = dataset.PrimaryAnatomicStructureSequence
    assert (tooth.CodeValue, tooth.CodingSchemeDesignator) == ("866006002", "SCT")
    assert tooth.CodeMeaning == "Mandibular left first molar tooth"
    assert (dataset.ImageLaterality, dataset.ImageComments) == ("L", "FDI 36")


def test_every_tooth_of_both_dentitions_has_a_code_of_its_own() -> None:
    permanent = {f"{quadrant}{place}" for quadrant in "1234" for place in "12345678"}
    deciduous = {f"{quadrant}{place}" for quadrant in "5678" for place in "12345"}

    assert set(TEETH) == permanent | deciduous
    assert len({tooth.code for tooth in TEETH.values()}) == 52


@pytest.mark.parametrize(("fdi", "words"), [("1", "Maxillary right"), ("2", "Maxillary left"), ("3", "left")])
def test_the_quadrants_are_where_the_fdi_puts_them(fdi: str, words: str) -> None:
    meanings = [tooth.meaning for tooth in TEETH.values() if tooth.fdi[0] == fdi]

    assert len(meanings) == 8
    assert all(words.lower() in meaning.lower() for meaning in meanings)


def test_a_photograph_of_sixteen_bits_is_refused() -> None:
    deep = make_png(np.zeros((8, 8), np.uint16))
    with pytest.raises(PictureError):
        wrap(deep)
    assert wrap(deep, kind="panoramic")[1].BitsAllocated == 16


@pytest.mark.parametrize("original", [make_jpeg(), make_png()], ids=["jpeg", "png"])
def test_what_is_written_passes_the_portals_own_scan(original: bytes) -> None:
    file, _ = wrap(original)
    scanner = Scanner()
    scanner.feed(file)

    scan = scanner.finish()
    assert scan.pixel is not None
    assert scan.pixel.number_of_frames == 1
