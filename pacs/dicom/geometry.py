"""How the instances of a series lie in space: a volume, single images, or documents (PS3.3 C.7.6.2).

File names and numbers say nothing about order: slices are sorted by where they lie. Gaps are kept as empty places, so
that what is measured across them stays true, and everything uncertain is said in words.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import acos, degrees, hypot, sqrt
from statistics import median
from typing import Final, Generic, TypeVar

from pacs.dicom.dictionary import tag_of
from pacs.dicom.functional_groups import frames_attributes
from pacs.dicom.json_model import Attributes, get_number, get_str, get_strings
from pacs.dicom.planes import Orientation, Vector, cross, dot, orientation_of, planar_spacing, position_of
from pacs.dicom.sop_classes import SOP_CLASSES

Id = TypeVar("Id", bound=Hashable)

# Fewer slices make no volume.
MIN_SLICES: Final = 3
# More empty places than this share of the slices, and the volume would be mostly guessed.
MAX_MISSING_SHARE: Final = 1.0
# Objects whose frames are not grey values of one body: they are shown one by one, or over others.
_NEVER_A_VOLUME: Final = frozenset(
    {"SEG", "RTDOSE", "RTIMAGE", "US", "SM", "OT", "XC", "ES", "GM", "CR", "DX", "IO", "PX"}
)
# Devices of this maker give positions as counts of voxels.
_VOXEL_POSITIONS: Final = re.compile(r"i-?cat|imaging sciences", re.IGNORECASE)
# What is asked of the frames here and in `planes`.
_NEEDED: Final = frozenset(
    tag_of(keyword)
    for keyword in (
        "SOPClassUID",
        "Modality",
        "Manufacturer",
        "ManufacturerModelName",
        "ImageType",
        "ImagesInAcquisition",
        "Rows",
        "Columns",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "FrameOfReferenceUID",
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "PatientOrientation",
        "SliceThickness",
        "SpacingBetweenSlices",
        "PixelSpacing",
        "PixelSpacingCalibrationType",
        "PixelSpacingCalibrationDescription",
        "ImagerPixelSpacing",
        "NominalScannedPixelSpacing",
        "PixelAspectRatio",
        "EstimatedRadiographicMagnificationFactor",
    )
)
_AXIAL: Final = Orientation((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


class LayoutKind(StrEnum):
    """What a series is to a viewer."""

    VOLUME = "volume"
    IMAGES = "images"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the person who looks at the images; `str` gives English, `template` is for translation."""

    code: str
    template: str
    values: tuple[object, ...] = ()

    def __str__(self) -> str:
        return self.template.format(*self.values)


@dataclass(frozen=True, slots=True)
class FrameRef(Generic[Id]):
    """One frame of one instance, counted from 1."""

    instance_id: Id
    frame_number: int


@dataclass(frozen=True, slots=True)
class VolumeGeometry:
    """Where the voxels of a volume lie, in the patient coordinate system (LPS) in mm.

    Attributes
    ----------
    spacing_mm
        Between columns, between rows, between slices.
    is_calibrated
        False where distances between slices are assumed, not stated.
    origin_mm
        Centre of the first voxel of the first slice.
    """

    columns: int
    rows: int
    slices: int
    spacing_mm: Vector
    is_calibrated: bool
    origin_mm: Vector
    row_cosine: Vector
    column_cosine: Vector
    normal: Vector


@dataclass(frozen=True, slots=True)
class SeriesLayout(Generic[Id]):
    """A series, arranged.

    Attributes
    ----------
    frames
        VOLUME: the slices along the normal, None where one is missing. IMAGES, DOCUMENT: everything, in reading order.
    others
        VOLUME: frames that are no part of it (localizers, duplicates), in reading order.
    """

    kind: LayoutKind
    frames: tuple[FrameRef[Id] | None, ...]
    volume: VolumeGeometry | None
    others: tuple[FrameRef[Id], ...]
    warnings: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Slice(Generic[Id]):
    ref: FrameRef[Id]
    attributes: Attributes
    orientation: Orientation | None
    position: Vector | None
    reading_order: tuple[float, float, str, int]


def arrange(instances: Iterable[tuple[Id, Attributes]]) -> SeriesLayout[Id]:
    """Arrange the instances of one series.

    Parameters
    ----------
    instances
        Pairs of an id and the instance's attributes as DICOM JSON model, in any order.
    """
    slices = sorted(_slices(instances), key=lambda one: one.reading_order)
    if not any(_is_image(one.attributes) for one in slices):
        return SeriesLayout(LayoutKind.DOCUMENT, _refs(slices), None, (), ())
    best = max(_candidates(slices), key=len, default=[])
    if len(best) < MIN_SLICES:
        return SeriesLayout(LayoutKind.IMAGES, _refs(slices), None, (), ())
    stack = _Stack(best)
    try:
        frames, volume = stack.build()
    except _NotAVolumeError as error:
        return SeriesLayout(LayoutKind.IMAGES, _refs(slices), None, (), (*stack.notices, error.notice))
    used = {ref for ref in frames if ref is not None}
    others = tuple(one.ref for one in slices if one.ref not in used)
    return SeriesLayout(LayoutKind.VOLUME, frames, volume, others, (*stack.notices, *_other_notices(slices, best)))


def _slices(instances: Iterable[tuple[Id, Attributes]]) -> Iterable[_Slice[Id]]:
    for instance_id, instance in instances:
        number = get_number(instance, "InstanceNumber")
        order = (get_number(instance, "AcquisitionNumber") or 0, number or 0, get_str(instance, "SOPInstanceUID"))
        for frame, attributes in enumerate(frames_attributes(instance, _NEEDED), start=1):
            yield _Slice(
                FrameRef(instance_id, frame),
                attributes,
                orientation_of(attributes),
                position_of(attributes),
                (*order, frame),
            )


def _refs(slices: Sequence[_Slice[Id]]) -> tuple[FrameRef[Id], ...]:
    return tuple(one.ref for one in slices)


def _is_image(attributes: Attributes) -> bool:
    sop_class = SOP_CLASSES.get(get_str(attributes, "SOPClassUID"))
    is_known_otherwise = sop_class is not None and not sop_class.is_image
    return not is_known_otherwise and bool(get_number(attributes, "Rows") and get_number(attributes, "Columns"))


def _candidates(slices: Sequence[_Slice[Id]]) -> list[list[_Slice[Id]]]:
    """Split slices into stacks of equal orientation, size and scale; those without orientation only if they are CT."""
    groups: dict[Hashable, list[_Slice[Id]]] = defaultdict(list)
    for one in slices:
        if not _may_be_in_a_volume(one):
            continue
        spacing = planar_spacing(one.attributes)
        key = (
            get_number(one.attributes, "Rows"),
            get_number(one.attributes, "Columns"),
            round(spacing.columns_mm, 4),
            round(spacing.rows_mm, 4),
            get_str(one.attributes, "FrameOfReferenceUID"),
            one.orientation and tuple(round(cosine, 3) for cosine in one.orientation.row + one.orientation.column),
        )
        groups[key].append(one)
    return list(groups.values())


def _may_be_in_a_volume(one: _Slice[Id]) -> bool:
    attributes = one.attributes
    modality = get_str(attributes, "Modality")
    is_grey = get_number(attributes, "SamplesPerPixel") == 1 and get_str(
        attributes, "PhotometricInterpretation"
    ).startswith("MONOCHROME")
    has_place = one.orientation is not None and one.position is not None
    is_localizer = "LOCALIZER" in get_strings(attributes, "ImageType")
    return (
        _is_image(attributes)
        and is_grey
        and not is_localizer
        and modality not in _NEVER_A_VOLUME
        and (has_place or modality == "CT")
    )


def _other_notices(slices: Sequence[_Slice[Id]], best: Sequence[_Slice[Id]]) -> list[Notice]:
    left_out = len(slices) - len(best)
    notices = []
    if left_out:
        template = "{0} image(s) of this series are not part of the volume and are shown beside it."
        notices.append(Notice("other-images", template, (left_out,)))
    announced = int(get_number(best[0].attributes, "ImagesInAcquisition") or 0)
    if announced > len(slices):
        template = "The device announced {0} images, {1} are here."
        notices.append(Notice("fewer-than-announced", template, (announced, len(slices))))
    return notices


class _NotAVolumeError(Exception):
    """The slices cannot be stacked; the notice says why."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.code)
        self.notice = notice


class _Stack(Generic[Id]):
    """Slices of one orientation on their way to a volume."""

    def __init__(self, slices: list[_Slice[Id]]) -> None:
        self.slices = slices
        self.notices: list[Notice] = []
        self.orientation = slices[0].orientation or _AXIAL
        self.has_places = all(one.position is not None and one.orientation is not None for one in slices)

    def build(self) -> tuple[tuple[FrameRef[Id] | None, ...], VolumeGeometry]:
        if not self.has_places:
            return self._by_number()
        self._scale_voxel_positions()
        self._sort()
        self._drop_duplicates()
        self._check_shift()
        spacing_mm, places = self._fit_grid()
        frames: list[FrameRef[Id] | None] = [None] * (places[-1] + 1)
        for place, one in zip(places, self.slices, strict=True):
            frames[place] = one.ref
        self._note_gaps(spacing_mm, places)
        self._note_tilt()
        return tuple(frames), self._geometry(len(frames), spacing_mm, is_calibrated=True)

    def _by_number(self) -> tuple[tuple[FrameRef[Id] | None, ...], VolumeGeometry]:
        first = self.slices[0].attributes
        spacing = get_number(first, "SpacingBetweenSlices") or get_number(first, "SliceThickness") or 0.0
        if spacing <= 0:
            template = "The slices say neither where they lie nor how far apart: they are shown one by one."
            raise _NotAVolumeError(Notice("no-positions", template))
        template = (
            "The slices do not say where they lie: they are stacked by their number, {0:.2f} mm apart. "
            "Left and right, and lengths across slices, are uncertain."
        )
        self.notices.append(Notice("stacked-by-number", template, (spacing,)))
        return _refs(self.slices), self._geometry(len(self.slices), spacing, is_calibrated=False)

    def _scale_voxel_positions(self) -> None:
        first = self.slices[0].attributes
        maker = f"{get_str(first, 'Manufacturer')} {get_str(first, 'ManufacturerModelName')}"
        size_mm = planar_spacing(first).columns_mm
        if not _VOXEL_POSITIONS.search(maker) or abs(size_mm - 1) < 0.01:
            return
        depths = sorted(self._depth(one) for one in self.slices)
        if abs(median(after - before for before, after in pairwise(depths)) - 1) > 0.01:
            return
        self.slices = [replace(one, position=_scaled(one.position, size_mm)) for one in self.slices]
        template = "The device gives positions as numbers of voxels: they were multiplied by {0:g} mm."
        self.notices.append(Notice("positions-in-voxels", template, (size_mm,)))

    def _depth(self, one: _Slice[Id]) -> float:
        return dot(one.position or (0.0, 0.0, 0.0), self.orientation.normal)

    def _sort(self) -> None:
        self.slices = sorted(self.slices, key=lambda one: (self._depth(one), one.reading_order))

    def _drop_duplicates(self) -> None:
        kept = self.slices[:1]
        for one in self.slices[1:]:
            if self._depth(one) - self._depth(kept[-1]) > 1e-3:
                kept.append(one)
        doubled = len(self.slices) - len(kept)
        self.slices = kept
        if doubled:
            template = "{0} slice(s) lie where another one lies already and are left out of the volume."
            self.notices.append(Notice("duplicate-positions", template, (doubled,)))
        if len(kept) < MIN_SLICES:
            template = "All slices lie in the same place: they are shown one by one."
            raise _NotAVolumeError(Notice("one-position", template))

    def _check_shift(self) -> None:
        """Refuse slices that are shifted against each other, as by a tilted gantry: the voxels would be no boxes."""
        first, last = self.slices[0], self.slices[-1]
        way = _minus(last.position, first.position)
        along = dot(way, self.orientation.normal)
        aside = hypot(dot(way, self.orientation.row), dot(way, self.orientation.column))
        angle = degrees(acos(min(1.0, along / sqrt(dot(way, way)))))
        if aside > planar_spacing(first.attributes).columns_mm and angle > 0.5:
            template = (
                "The slices are shifted against each other, as with a gantry tilted by {0:.1f} degrees: "
                "they are shown one by one."
            )
            raise _NotAVolumeError(Notice("sheared", template, (angle,)))

    def _fit_grid(self) -> tuple[float, list[int]]:
        """Find the distance between slices and the place of each on an even grid.

        Positions are rounded by devices: a deviation of a tenth of the distance, or of 0.05 mm, is none.
        """
        depths = [self._depth(one) - self._depth(self.slices[0]) for one in self.slices]
        steps = [after - before for before, after in pairwise(depths)]
        typical = median(steps)
        places = [0]
        for step in steps:
            places.append(places[-1] + max(1, round(step / typical)))
        spacing = sum(place * depth for place, depth in zip(places, depths, strict=True)) / sum(
            place * place for place in places
        )
        tolerance = max(0.1 * spacing, min(0.05, 0.25 * spacing))
        is_even = all(abs(place * spacing - depth) <= tolerance for place, depth in zip(places, depths, strict=True))
        missing = places[-1] + 1 - len(places)
        if not is_even or missing > MAX_MISSING_SHARE * len(places):
            template = "The slices are unevenly spaced ({0:.2f} to {1:.2f} mm): they are shown one by one."
            raise _NotAVolumeError(Notice("uneven-spacing", template, (min(steps), max(steps))))
        return spacing, places

    def _note_gaps(self, spacing_mm: float, places: Sequence[int]) -> None:
        for number, (before, after) in enumerate(pairwise(places), start=1):
            missing = after - before - 1
            if missing == 1:
                template = "A gap of {0:.2f} mm after slice {1}: 1 slice is missing"
                self.notices.append(Notice("gap-of-one", template, (spacing_mm, number)))
            elif missing:
                template = "A gap of {0:.2f} mm after slice {1}: {2} slices are missing"
                self.notices.append(Notice("gap", template, (missing * spacing_mm, number, missing)))

    def _note_tilt(self) -> None:
        largest = max(abs(component) for component in self.orientation.normal)
        angle = degrees(acos(min(1.0, largest)))
        if angle > 0.5:
            template = "The volume is tilted by {0:.1f} degrees against the axes of the patient."
            self.notices.append(Notice("oblique", template, (angle,)))

    def _geometry(self, slices: int, spacing_mm: float, *, is_calibrated: bool) -> VolumeGeometry:
        first = self.slices[0]
        in_plane = planar_spacing(first.attributes)
        return VolumeGeometry(
            columns=int(get_number(first.attributes, "Columns") or 0),
            rows=int(get_number(first.attributes, "Rows") or 0),
            slices=slices,
            spacing_mm=(in_plane.columns_mm, in_plane.rows_mm, spacing_mm),
            is_calibrated=is_calibrated and in_plane.kind == "calibrated",
            origin_mm=first.position or (0.0, 0.0, 0.0),
            row_cosine=self.orientation.row,
            column_cosine=self.orientation.column,
            normal=cross(self.orientation.row, self.orientation.column),
        )


def _scaled(position: Vector | None, factor: float) -> Vector | None:
    return None if position is None else (position[0] * factor, position[1] * factor, position[2] * factor)


def _minus(a: Vector | None, b: Vector | None) -> Vector:
    x, y = a or (0.0, 0.0, 0.0), b or (0.0, 0.0, 0.0)
    return (x[0] - y[0], x[1] - y[1], x[2] - y[2])
