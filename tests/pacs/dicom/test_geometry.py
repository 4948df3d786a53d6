"""Series arranged in space."""

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.geometry import FrameRef, LayoutKind, SeriesLayout, arrange
from pacs.dicom.json_model import Attributes
from pacs.dicom.scan import Scanner
from tests.factories.attributes import make_attributes, make_ct_slice

CARESTREAM = "dicom/cbct/carestream-cs9600-20-slices"


def stack(heights: list[float], **values: Any) -> list[tuple[int, Attributes]]:
    return [(number, make_ct_slice(number, (0, 0, z), **values)) for number, z in enumerate(heights, start=1)]


def texts(layout: SeriesLayout[Any]) -> list[str]:
    return [str(notice) for notice in layout.warnings]


def codes(layout: SeriesLayout[Any]) -> list[str]:
    return [notice.code for notice in layout.warnings]


def ids(layout: SeriesLayout[Any]) -> list[Any]:
    return [ref and ref.instance_id for ref in layout.frames]


def read_header(path: Path) -> Attributes:
    scanner = Scanner()
    scanner.feed(path.read_bytes())
    return scanner.finish().head.json


def read_series(folder: Path) -> list[tuple[str, Attributes]]:
    return [(path.name, read_header(path)) for path in folder.iterdir()]


# --- volumes ----------------------------------------------------------------------------------------------------------


def test_slices_are_sorted_by_where_they_lie_not_by_number() -> None:
    layout = arrange(stack([0.9, 0.0, 0.6, 0.3]))
    assert layout.kind is LayoutKind.VOLUME
    assert ids(layout) == [2, 4, 3, 1]
    assert layout.warnings == ()


def test_the_geometry_names_spacings_as_columns_rows_slices() -> None:
    volume = arrange(stack([-1.0, -0.5, 0.0], PixelSpacing=[0.2, 0.4])).volume
    assert volume is not None
    assert volume.spacing_mm == pytest.approx((0.4, 0.2, 0.5))
    assert (volume.columns, volume.rows, volume.slices) == (5, 4, 3)
    assert volume.is_calibrated
    assert volume.origin_mm == pytest.approx((0, 0, -1.0))
    assert volume.normal == pytest.approx((0, 0, 1))


def test_a_sagittal_stack_is_sorted_along_its_own_normal() -> None:
    slices = [
        (x, make_ct_slice(x, (-float(x), 0, 0), ImageOrientationPatient=[0, 1, 0, 0, 0, -1])) for x in (1, 2, 3, 4)
    ]
    layout = arrange(slices)
    assert ids(layout) == [1, 2, 3, 4]
    assert layout.volume is not None
    assert layout.volume.normal == (-1, 0, 0)


def test_missing_slices_leave_empty_places_and_are_named() -> None:
    layout = arrange(stack([0.15 * index for index in (0, 1, 2, 3, 6, 7, 8)]))
    assert ids(layout) == [1, 2, 3, 4, None, None, 5, 6, 7]
    assert texts(layout) == ["A gap of 0.30 mm after slice 4: 2 slices are missing"]
    assert layout.volume is not None
    assert layout.volume.slices == 9
    assert layout.volume.spacing_mm[2] == pytest.approx(0.15)


def test_one_missing_slice_is_named_in_the_singular() -> None:
    assert texts(arrange(stack([0, 1, 2, 4, 5]))) == ["A gap of 1.00 mm after slice 3: 1 slice is missing"]


def test_positions_rounded_by_the_device_are_even() -> None:
    layout = arrange(stack([round(0.125 * index, 2) for index in range(200)]))
    assert layout.warnings == ()
    assert layout.volume is not None
    assert layout.volume.spacing_mm[2] == pytest.approx(0.125, abs=1e-3)


def test_uneven_slices_are_no_volume() -> None:
    layout = arrange(stack([0, 1, 2, 3.4, 4.1, 5.6]))
    assert layout.kind is LayoutKind.IMAGES
    assert texts(layout) == ["The slices are unevenly spaced (0.70 to 1.50 mm): they are shown one by one."]
    assert ids(layout) == [1, 2, 3, 4, 5, 6]


def test_a_few_slices_far_apart_are_no_volume() -> None:
    assert codes(arrange(stack([0, 1, 2, 50]))) == ["uneven-spacing"]


def test_duplicate_positions_are_left_out_and_named() -> None:
    layout = arrange(stack([0, 0.3, 0.3, 0.6]))
    assert ids(layout) == [1, 2, 4]
    assert layout.others == (FrameRef(3, 1),)
    assert texts(layout) == ["1 slice(s) lie where another one lies already and are left out of the volume."]


def test_slices_in_one_place_are_no_volume() -> None:
    layout = arrange(stack([0, 0, 0, 0]))
    assert layout.kind is LayoutKind.IMAGES
    assert codes(layout) == ["duplicate-positions", "one-position"]


def test_a_gantry_tilt_is_no_volume() -> None:
    slices = [(n, make_ct_slice(n, (0, 0.2 * n, 1.0 * n))) for n in range(1, 11)]
    layout = arrange(slices)
    assert layout.kind is LayoutKind.IMAGES
    assert "tilted by 11.3 degrees" in texts(layout)[0]


def test_an_oblique_volume_is_a_volume_and_says_so() -> None:
    tilt = [1, 0, 0, 0, 0.9848, 0.1736]
    slices = [(n, make_ct_slice(n, (0, -0.1736 * n, 0.9848 * n), ImageOrientationPatient=tilt)) for n in range(1, 6)]
    layout = arrange(slices)
    assert layout.kind is LayoutKind.VOLUME
    assert texts(layout) == ["The volume is tilted by 10.0 degrees against the axes of the patient."]


def test_a_localizer_is_shown_beside_the_volume() -> None:
    scout = make_ct_slice(0, (0, 0, 0), ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    layout = arrange([("scout", scout), *stack([0, 1, 2])])
    assert layout.kind is LayoutKind.VOLUME
    assert layout.others == (FrameRef("scout", 1),)
    assert codes(layout) == ["other-images"]


def test_positions_in_voxels_of_an_i_cat_are_turned_into_millimetres() -> None:
    slices = [
        (n, make_ct_slice(n, (-200, -200, n), Manufacturer="Imaging Sciences International")) for n in range(1, 6)
    ]
    layout = arrange(slices)
    assert layout.volume is not None
    assert layout.volume.spacing_mm == pytest.approx((0.3, 0.3, 0.3))
    assert layout.volume.origin_mm == pytest.approx((-60, -60, 0.3))
    assert texts(layout) == ["The device gives positions as numbers of voxels: they were multiplied by 0.3 mm."]


def test_another_device_with_slices_1_mm_apart_is_believed() -> None:
    volume = arrange(stack([1, 2, 3, 4], Manufacturer="Somebody")).volume
    assert volume is not None
    assert volume.spacing_mm[2] == pytest.approx(1.0)


def test_slices_without_positions_are_stacked_by_number_with_a_warning() -> None:
    slices = [(n, make_ct_slice(n, (0, 0, 0), ImagePositionPatient=None)) for n in (3, 1, 2)]
    layout = arrange(slices)
    assert ids(layout) == [1, 2, 3]
    assert codes(layout) == ["stacked-by-number"]
    assert layout.volume is not None
    assert not layout.volume.is_calibrated


def test_slices_with_neither_position_nor_thickness_are_shown_one_by_one() -> None:
    slices = [(n, make_ct_slice(n, (0, 0, 0), ImagePositionPatient=None, SliceThickness=None)) for n in (3, 1, 2)]
    layout = arrange(slices)
    assert layout.kind is LayoutKind.IMAGES
    assert codes(layout) == ["no-positions"]


def test_fewer_images_than_the_device_announced_are_named() -> None:
    assert texts(arrange(stack([0, 1, 2], ImagesInAcquisition=843))) == ["The device announced 843 images, 3 are here."]


@pytest.mark.parametrize("orientation", [[1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0], [1, 0, 0]])
def test_an_impossible_orientation_counts_as_absent(orientation: list[float]) -> None:
    assert codes(arrange(stack([0, 1, 2], ImageOrientationPatient=orientation))) == ["stacked-by-number"]


@given(
    st.permutations(range(12)),
    st.floats(0.05, 3, allow_nan=False),
    st.floats(-500, 500, allow_nan=False),
)
def test_any_order_of_arrival_gives_the_same_volume(order: list[int], step: float, start: float) -> None:
    slices = stack([start + step * index for index in range(12)])
    layout = arrange(slices[index] for index in order)
    assert ids(layout) == list(range(1, 13))
    assert layout.volume is not None
    assert layout.volume.spacing_mm[2] == pytest.approx(step, rel=1e-6)


@given(st.lists(st.tuples(st.floats(), st.floats(), st.floats()), max_size=8))
def test_any_positions_give_a_layout_of_all_frames(positions: list[tuple[float, float, float]]) -> None:
    layout = arrange([(n, make_ct_slice(n, position)) for n, position in enumerate(positions)])
    held = [ref for ref in (*layout.frames, *layout.others) if ref is not None]
    assert sorted(ref.instance_id for ref in held) == list(range(len(positions)))


# --- multi-frame, images, documents -----------------------------------------------------------------------------------


def enhanced(heights: list[float]) -> Attributes:
    shared = {
        **make_attributes(PlaneOrientationSequence=[make_attributes(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]),
        **make_attributes(PixelMeasuresSequence=[make_attributes(PixelSpacing=[0.3, 0.3])]),
    }
    frames = [
        make_attributes(PlanePositionSequence=[make_attributes(ImagePositionPatient=[0, 0, height])])
        for height in heights
    ]
    return make_ct_slice(
        1,
        (0, 0, 0),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1",
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        PixelSpacing=None,
        NumberOfFrames=len(heights),
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=frames,
    )


def test_frames_of_an_enhanced_object_are_sorted_by_their_own_positions() -> None:
    layout = arrange([("e", enhanced([0.6, 0.3, 0.0, 0.9]))])
    assert layout.kind is LayoutKind.VOLUME
    assert layout.frames == (FrameRef("e", 3), FrameRef("e", 2), FrameRef("e", 1), FrameRef("e", 4))
    assert layout.volume is not None
    assert layout.volume.spacing_mm == pytest.approx((0.3, 0.3, 0.3))


def test_memory_does_not_grow_with_what_a_frame_does_not_need() -> None:
    instance = enhanced([0.3 * number for number in range(100)])
    (shared,) = instance["52009229"]["Value"]
    shared["00289110"]["Value"][0].update({f"0011{number:04X}": {"vr": "LO"} for number in range(0x1000, 0x2000)})
    instance |= {f"0013{number:04X}": {"vr": "LO"} for number in range(0x1000, 0x2000)}

    tracemalloc.start()
    layout = arrange([("e", instance)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert layout.kind is LayoutKind.VOLUME
    assert peak < 2_000_000


def test_a_frame_without_groups_of_its_own_has_the_shared_ones() -> None:
    attributes = frame_attributes(enhanced([0.0]), 7)
    assert attributes["00200037"]["Value"] == [1, 0, 0, 0, 1, 0]
    assert "00200032" not in attributes


def test_radiographs_are_images_in_the_order_of_their_numbers() -> None:
    films = [(n, make_ct_slice(n, (0, 0, 0), Modality="IO", ImagePositionPatient=None)) for n in (10, 9, 2)]
    layout = arrange(films)
    assert layout.kind is LayoutKind.IMAGES
    assert ids(layout) == [2, 9, 10]


def test_photographs_are_images() -> None:
    layout = arrange(stack([0, 1, 2, 3], SamplesPerPixel=3, PhotometricInterpretation="RGB"))
    assert layout.kind is LayoutKind.IMAGES


def test_two_slices_make_no_volume() -> None:
    assert arrange(stack([0, 1])).kind is LayoutKind.IMAGES


def test_a_pdf_is_a_document() -> None:
    pdf = make_attributes(SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", Modality="DOC", InstanceNumber=1)
    layout = arrange([("pdf", pdf)])
    assert layout.kind is LayoutKind.DOCUMENT
    assert layout.frames == (FrameRef("pdf", 1),)


def test_no_instances_make_an_empty_document_series() -> None:
    assert arrange([]).frames == ()


# --- real devices -----------------------------------------------------------------------------------------------------


def test_a_carestream_series_is_sorted_and_says_how_many_are_absent(data_folder: Path) -> None:
    layout = arrange(read_series(data_folder / CARESTREAM))
    assert layout.volume is not None
    assert layout.volume.spacing_mm == pytest.approx((0.15, 0.15, 0.15))
    assert ids(layout) == [f"3DSlice{number}.dcm" for number in range(400, 420)]
    assert texts(layout) == ["The device announced 843 images, 20 are here."]


def test_two_slices_taken_from_a_carestream_series_are_missed(data_folder: Path) -> None:
    series = read_series(data_folder / CARESTREAM)
    layout = arrange([one for one in series if one[0] not in {"3DSlice412.dcm", "3DSlice413.dcm"}])
    assert layout.volume is not None
    assert layout.volume.slices == 20
    assert texts(layout)[0] == "A gap of 0.30 mm after slice 12: 2 slices are missing"


def test_a_whole_cbct_is_one_volume(data_folder: Path) -> None:
    layout = arrange(read_series(data_folder / "dicom/cbct/marcovms04__Maxillofacial-3D"))
    assert layout.volume is not None
    assert (layout.volume.columns, layout.volume.rows, layout.volume.slices) == (360, 360, 330)
    assert layout.volume.spacing_mm == pytest.approx((0.5, 0.5, 0.5))
    assert layout.warnings == ()
