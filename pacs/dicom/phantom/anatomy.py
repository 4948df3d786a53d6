"""The phantom's lower face, as a function of position: bone, air spaces, canal, implant and metal rods.

Everything is in millimetres of the patient coordinate system (PS3.3 C.7.6.2.1.1): +x to the patient's
left, +y to the back, +z to the head; z = 0 is the occlusal plane. The jaws follow one dental arch, a
parabola, so most shapes are written in arch coordinates: ``s``, the arc length from the midline, and
``d``, the distance from the arch (positive towards the cheek).

Values are grey levels after the Modality LUT. They look like Hounsfield units, as a CBCT's do, without
being calibrated to them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Distances = npt.NDArray[np.floating[Any]]

AIR: Final = -1000.0
SOFT_TISSUE: Final = 40.0
TRABECULAR_BONE: Final = 380.0
CORTICAL_BONE: Final = 1350.0
TITANIUM: Final = 3000.0
STEEL: Final = 3050.0
NERVE: Final = 60.0

ARCH_FRONT_Y_MM: Final = -28.0
ARCH_CURVATURE_PER_MM: Final = 0.05
ARCH_LENGTH_MM: Final = 92.0


@dataclass(frozen=True)
class Rod:
    """A steel fiducial with a square cross-section, parallel to one axis, ``start`` and ``end`` being its end faces."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    half_width_mm: float = 1.0

    @property
    def length_mm(self) -> float:
        """Distance between the end faces."""
        return float(np.linalg.norm(np.subtract(self.end, self.start)))

    def span(self, axis: int) -> tuple[float, float]:
        """Give the extent of the rod along one axis (0 = x, 1 = y, 2 = z)."""
        if self.start[axis] != self.end[axis]:
            return self.start[axis], self.end[axis]
        return self.start[axis] - self.half_width_mm, self.start[axis] + self.half_width_mm


# Three rods of exactly 40.0 mm. Each lies in two of the orthogonal planes: X in the axial plane z = -34 and the
# coronal plane y = -46; Y in the axial plane z = -24 and the sagittal plane x = 0; Z in the coronal plane y = -46
# and the sagittal plane x = 0. X and Z are in the air before the chin, Y in the floor of the mouth.
ROD_LENGTH_MM: Final = 40.0
ROD_X: Final = Rod((-20.0, -46.0, -34.0), (20.0, -46.0, -34.0))
ROD_Y: Final = Rod((0.0, -10.0, -24.0), (0.0, 30.0, -24.0))
ROD_Z: Final = Rod((0.0, -46.0, -30.0), (0.0, -46.0, 10.0))
RODS: Final = (ROD_X, ROD_Y, ROD_Z)


@dataclass(frozen=True)
class Places:
    """Points of one horizontal plane, in patient and in arch coordinates.

    Parameters
    ----------
    x, y
        Patient coordinates in mm, any shape.
    edge_mm
        Width of the transition between two materials: the size of a voxel.
    """

    x: FloatArray
    y: FloatArray
    edge_mm: float

    @cached_property
    def arch(self) -> tuple[FloatArray, FloatArray]:
        """Unsigned arc length ``s`` and outward distance ``d`` of the nearest point of the dental arch."""
        curve_x, curve_y, curve_s = arch_curve()
        x, y = np.abs(self.x).ravel(), self.y.ravel()
        nearest = np.empty(x.size, dtype=np.intp)
        for start in range(0, x.size, 8192):
            part = slice(start, start + 8192)
            squares = (x[part, None] - curve_x) ** 2 + (y[part, None] - curve_y) ** 2
            nearest[part] = squares.argmin(axis=1)
        slope = 2 * ARCH_CURVATURE_PER_MM * curve_x[nearest]
        norm = np.sqrt(1 + slope**2)
        dx, dy = x - curve_x[nearest], y - curve_y[nearest]
        s = curve_s[nearest] + (dx + slope * dy) / norm
        d = (slope * dx - dy) / norm
        return s.reshape(self.x.shape), d.reshape(self.x.shape)

    @property
    def s(self) -> FloatArray:
        """Arc length from the midline, on either side."""
        return self.arch[0]

    @property
    def d(self) -> FloatArray:
        """Distance from the arch, positive towards the cheek."""
        return self.arch[1]


def arch_curve(step_mm: float = 0.5) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sample the left half of the dental arch: x, y and arc length from the midline, in mm."""
    x = np.linspace(0, 45, 4501)
    y = ARCH_FRONT_Y_MM + ARCH_CURVATURE_PER_MM * x**2
    s = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    samples = np.arange(0, ARCH_LENGTH_MM, step_mm)
    return (
        np.interp(samples, s, x).astype(np.float32),
        np.interp(samples, s, y).astype(np.float32),
        samples.astype(np.float32),
    )


def places_along_arch(s: FloatArray, d: FloatArray, *, edge_mm: float) -> Places:
    """Turn arch coordinates (``s`` signed, positive on the patient's left) into places."""
    curve_x, curve_y, curve_s = arch_curve()
    x = np.interp(np.abs(s), curve_s, curve_x)
    y = np.interp(np.abs(s), curve_s, curve_y)
    slope = 2 * ARCH_CURVATURE_PER_MM * x
    norm = np.sqrt(1 + slope**2)
    side = np.where(s < 0, -1.0, 1.0)
    outward_x, outward_y = side * slope / norm, -1.0 / norm
    return Places((side * x + d * outward_x).astype(np.float32), (y + d * outward_y).astype(np.float32), edge_mm)


def paint(values: FloatArray, distance: Distances, material: float, edge_mm: float) -> None:
    """Lay a material over ``values`` where the signed distance is negative, with an edge one voxel wide."""
    cover = np.clip(0.5 - distance / np.float32(edge_mm), 0, 1)
    values += cover * (np.float32(material) - values)


def box(*pairs: tuple[Distances | float, Distances | float], radius: float) -> FloatArray:
    """Give the signed distance to a rounded box from (offset from the centre, half size) pairs."""
    deltas = [np.abs(offset) - half + radius for offset, half in pairs]
    outside = np.sqrt(sum(np.maximum(delta, 0) ** 2 for delta in deltas))
    inside = np.minimum(np.maximum.reduce(np.broadcast_arrays(*deltas)), 0)
    return np.asarray(outside + inside - radius, dtype=np.float32)


def ellipsoid(*pairs: tuple[FloatArray | float, float]) -> FloatArray:
    """Give an approximate signed distance to an ellipsoid from (offset, semi-axis) pairs."""
    rho = np.sqrt(sum((offset / axis) ** 2 for offset, axis in pairs))
    return np.asarray((rho - 1) * min(axis for _, axis in pairs), dtype=np.float32)


def rise(value: FloatArray, start: float, end: float) -> FloatArray:
    """Go smoothly from 0 at ``start`` to 1 at ``end``."""
    t = np.clip((value - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


class Jaws:
    """Soft tissue, air spaces and bone at the given places; ``at(z)`` is one horizontal plane."""

    def __init__(self, places: Places) -> None:
        self.places = places
        p = places
        self.head = ellipsoid((p.x, 60.0), (p.y - 22.0, 64.0))
        ramus = rise(p.s, 52.0, 66.0)
        self.mandible_top: FloatArray = -9.0 + 46.0 * ramus
        self.mandible_half_width: FloatArray = 6.5 - 2.0 * ramus
        self.canal_z = -27.5 + 30.0 * rise(p.s, 54.0, 84.0) + 4.0 * (1 - rise(p.s, 24.0, 32.0))
        self.canal_d = -1.5 + 9.0 * (1 - rise(p.s, 24.0, 32.0))
        self.is_past_mental_foramen = np.where(p.s > 24.0, np.float32(0), np.float32(10))

    def at(self, z: float) -> FloatArray:
        """Give the grey values of the plane at height ``z`` in mm, float32, in the shape of the places."""
        values = np.full(self.places.x.shape, AIR, dtype=np.float32)
        self._paint(values, self.head, SOFT_TISSUE)
        self._paint_airway(values, z)
        self._paint_midface(values, z)
        self._paint_mandible(values, z)
        return values

    def _paint(self, values: FloatArray, distance: Distances, material: float) -> None:
        paint(values, distance, material, self.places.edge_mm)

    def _paint_bone(self, values: FloatArray, distance: Distances, cortex_mm: float) -> None:
        self._paint(values, distance, CORTICAL_BONE)
        self._paint(values, distance + cortex_mm, TRABECULAR_BONE)

    def _paint_airway(self, values: FloatArray, z: float) -> None:
        p = self.places
        self._paint(values, ellipsoid((p.x, 9.0), (p.y - 41.0, 5.5)), AIR)
        if 7.0 < z < 18.0:
            above_tongue = ellipsoid((p.x, 15.0), (p.y - 6.0, 24.0), (z - 13.0, 3.5))
            self._paint(values, above_tongue, AIR)

    def _paint_midface(self, values: FloatArray, z: float) -> None:
        p = self.places
        if z < 6.0:
            return
        alveolar = box((p.d, 6.5), (z - 20.0, 11.5), (p.s, 60.0), radius=4.0)
        self._paint_bone(values, alveolar, 1.2)
        palate = box((p.x, 24.0), (p.y - 2.0, 24.0), (z - 19.5, 1.5), radius=1.0)
        self._paint(values, np.maximum(palate, p.d - 2.0), CORTICAL_BONE)
        for side in (-1, 1):
            sinus = ellipsoid((p.x - side * 27.0, 12.0), (p.y - 12.0, 17.0), (z - 37.0, 14.0))
            self._paint(values, sinus - 1.0, CORTICAL_BONE)
            self._paint(values, sinus, AIR)
        nose = ellipsoid((p.x, 11.0), (p.y - 6.0, 30.0), (z - 34.0, 12.5))
        self._paint(values, nose - 1.0, CORTICAL_BONE)
        self._paint(values, nose, AIR)
        septum = np.maximum(np.abs(p.x) - 0.8, nose)
        self._paint(values, septum, CORTICAL_BONE)

    def _paint_mandible(self, values: FloatArray, z: float) -> None:
        p = self.places
        bottom = np.float32(-37.0)
        centre, half_height = (self.mandible_top + bottom) / 2, (self.mandible_top - bottom) / 2
        body = box((p.d, self.mandible_half_width), (z - centre, half_height), (p.s, 84.0), radius=4.0)
        self._paint_bone(values, body, 2.0)
        canal = np.hypot(p.d - self.canal_d, z - self.canal_z) + self.is_past_mental_foramen
        self._paint(values, canal - 2.1, 900.0)
        self._paint(values, canal - 1.5, NERVE)


def paint_rods(values: FloatArray, places: Places, z: float) -> None:
    """Add the rods by the exact share of each voxel that they fill, so that half height lies at the true end face."""
    for rod in RODS:
        share = (
            _overlap(places.x, rod.span(0), places.edge_mm)
            * _overlap(places.y, rod.span(1), places.edge_mm)
            * _overlap(np.float32(z), rod.span(2), places.edge_mm)
        )
        values += share * (np.float32(STEEL) - values)


def _overlap(
    centre: FloatArray | np.float32, span: tuple[float, float], width: float
) -> npt.NDArray[np.float32] | np.float32:
    low = np.maximum(centre - width / 2, span[0])
    high = np.minimum(centre + width / 2, span[1])
    return np.asarray(np.clip((high - low) / width, 0, 1), dtype=np.float32)
