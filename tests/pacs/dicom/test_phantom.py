"""The synthetic studies: what other tests and the demo measure themselves against."""

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from pacs.dicom import phantom
from pacs.dicom.phantom.anatomy import AIR, CORTICAL_BONE, NERVE, RODS, STEEL, places_along_arch
from pacs.dicom.phantom.cbct import Scene, grid_centres
from pacs.dicom.phantom.teeth import DENTIN, ENAMEL, PULP
from pacs.dicom.scan import Scan, Scanner

SPACING_MM = 0.8


def read(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(BytesIO(data))


def scan(data: bytes) -> Scan:
    scanner = Scanner()
    scanner.feed(data)
    return scanner.finish()


def length_above_half(line: Any) -> float:
    """Measure how long a line of voxels lies above the middle between air and steel, with linear interpolation."""
    half = (STEEL + line[0]) / 2
    inside = np.flatnonzero(line > half)
    first, last = inside[0], inside[-1]
    before = (line[first] - half) / (line[first] - line[first - 1])
    after = (line[last] - half) / (line[last] - line[last + 1])
    return float((last - first + before + after) * SPACING_MM)


@pytest.fixture(scope="module")
def datasets() -> list[pydicom.Dataset]:
    return [read(data) for data in phantom.make_cbct(columns=128, rows=128, slices=100, spacing_mm=SPACING_MM)]


@pytest.fixture(scope="module")
def volume(datasets: list[pydicom.Dataset]) -> Any:
    return np.stack([dataset.pixel_array for dataset in datasets]).astype(np.float32) - 1000


def index(position_mm: float, count: int) -> int:
    return int(np.abs(grid_centres(count, SPACING_MM) - position_mm).argmin())


@pytest.mark.parametrize("rod", RODS)
def test_each_rod_is_40_mm_long(rod: phantom.anatomy.Rod) -> None:
    assert rod.length_mm == 40.0


def test_the_rod_along_x_measures_40_mm_in_its_voxels(volume: Any) -> None:
    line = volume[index(-34, 100), index(-46, 128), :]
    assert length_above_half(line) == pytest.approx(40.0, abs=0.4)


def test_the_rod_along_y_measures_40_mm_in_its_voxels(volume: Any) -> None:
    line = volume[index(-24, 100), index(-20, 128) : index(40, 128), index(0.1, 128)]
    assert length_above_half(line) == pytest.approx(40.0, abs=0.4)


def test_the_rod_along_z_measures_40_mm_in_its_voxels(volume: Any) -> None:
    line = volume[:, index(-46, 128), index(0.1, 128)]
    line = np.concatenate([np.full(1, AIR), line[index(-32.4, 100) :]])
    assert length_above_half(line) == pytest.approx(40.0, abs=0.4)


def test_the_slices_lie_in_order_at_even_distances(datasets: list[pydicom.Dataset]) -> None:
    heights = [float(dataset.ImagePositionPatient[2]) for dataset in datasets]
    assert np.diff(heights) == pytest.approx(np.full(99, SPACING_MM), abs=1e-3)


def test_the_same_seed_gives_the_same_bytes() -> None:
    first = list(phantom.make_cbct(columns=16, rows=16, slices=2, seed="a"))
    assert first == list(phantom.make_cbct(columns=16, rows=16, slices=2, seed="a"))


def test_another_seed_gives_another_study() -> None:
    first = read(next(phantom.make_cbct(columns=16, rows=16, slices=1, seed="a")))
    second = read(next(phantom.make_cbct(columns=16, rows=16, slices=1, seed="b")))
    assert first.StudyInstanceUID != second.StudyInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID


def value_at(*, s: float, d: float, z: float) -> float:
    places = places_along_arch(np.array([[s]], np.float32), np.array([[d]], np.float32), edge_mm=0.1)
    return float(Scene(places).at(z)[0, 0])


@pytest.mark.parametrize(
    ("s", "d", "z", "material"),
    [
        (2.7, 0.0, 1.2, ENAMEL),
        (2.7, 0.0, -2.9, DENTIN),
        (2.7, 0.0, -7.0, PULP),
        (2.7, 5.8, -25.0, CORTICAL_BONE),
        (45.0, -1.5, -27.5, NERVE),
        (0.0, -34.0, 34.0, CORTICAL_BONE),
        (0.0, -30.0, 13.0, AIR),
    ],
)
def test_each_tissue_is_where_it_belongs(s: float, d: float, z: float, material: float) -> None:
    assert value_at(s=s, d=d, z=z) == pytest.approx(material, abs=1)


def test_the_implant_replaces_tooth_36() -> None:
    s = 5.4 + 5.9 + 6.9 + 7.1 + 7.2 + 11.2 / 2
    assert value_at(s=s, d=0.0, z=-14.0) == pytest.approx(3000)
    assert value_at(s=-s, d=0.0, z=-4.0) > 1000
    assert value_at(s=s, d=0.0, z=-4.0) < 100


@pytest.mark.parametrize("make", [phantom.make_panoramic, phantom.make_cephalometric, phantom.make_bitewing])
def test_a_film_passes_the_scan(make: Any) -> None:
    data = make(columns=40, rows=30, spacing_mm=1.0)
    result = scan(data)
    assert result.pixel is not None
    assert result.pixel.number_of_frames == 1


def test_the_cephalogram_is_dark_where_there_is_bone() -> None:
    dataset = read(phantom.make_cephalometric(columns=100, rows=80, spacing_mm=0.9))
    assert dataset.PhotometricInterpretation == "MONOCHROME1"
    face_is_on_the_right = dataset.pixel_array[:, -4:].mean()
    assert face_is_on_the_right > dataset.pixel_array[40, 20:70].mean()


def test_a_slice_of_the_volume_passes_the_scan() -> None:
    result = scan(next(phantom.make_cbct(columns=16, rows=16, slices=1)))
    assert result.head.transfer_syntax_uid == "1.2.840.10008.1.2.1"


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, "1.2.840.10008.1.2.1.99"])
def test_a_slice_is_written_in_any_native_syntax(syntax: str) -> None:
    pixels = np.arange(12, dtype=np.int16).reshape(3, 4)
    dataset = read(phantom.make_slice(pixels=pixels, transfer_syntax_uid=syntax))
    assert dataset.file_meta.TransferSyntaxUID == syntax
    assert dataset.pixel_array.tolist() == pixels.tolist()


def test_a_slice_takes_colours_and_frames() -> None:
    pixels = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    dataset = read(phantom.make_slice(pixels=pixels, SamplesPerPixel=3))
    assert dataset.NumberOfFrames == 2
    assert dataset.pixel_array.tolist() == pixels.tolist()


def test_a_slice_takes_overrides_and_leaves_elements_out() -> None:
    dataset = read(phantom.make_slice(PatientName="Doe^Jane", StudyID=None))
    assert dataset.PatientName == "Doe^Jane"
    assert "StudyID" not in dataset


def test_a_slice_takes_compressed_frames_as_they_are() -> None:
    dataset = read(phantom.make_slice(fragments=[b"\x01\x02", b"\x03\x04"], transfer_syntax_uid=RLELossless))
    assert dataset.NumberOfFrames == 2
    assert b"\x01\x02" in dataset.PixelData
