"""The phantom's teeth: enamel, dentin, pulp and roots in both arches, and an implant in the place of 36."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from pacs.dicom.phantom.anatomy import CORTICAL_BONE, TITANIUM, FloatArray, Places, ellipsoid, paint

ENAMEL: Final = 2500.0
DENTIN: Final = 1650.0
PULP: Final = 80.0
LIGAMENT: Final = 120.0
CEMENT_EDGE_MM: Final = 8.5
IMPLANT_TOOTH: Final = "36"
IMPLANT_DIAMETER_MM: Final = 4.1
IMPLANT_LENGTH_MM: Final = 11.0


@dataclass(frozen=True)
class Form:
    """Sizes of one kind of tooth in mm; roots are (mesiodistal, buccolingual) offsets of the apices."""

    width_mm: float
    depth_mm: float
    root_mm: float
    roots: tuple[tuple[float, float], ...] = ((0.0, 0.0),)


# Mean crown widths and root lengths as in the textbooks of dental anatomy; position 1 is the central incisor.
UPPER: Final = (
    Form(8.5, 7.0, 12.5),
    Form(6.6, 6.0, 12.5),
    Form(7.6, 8.0, 16.0),
    Form(7.1, 9.2, 13.0, ((0.0, 2.2), (0.0, -2.2))),
    Form(6.8, 9.0, 13.5),
    Form(10.3, 11.2, 12.5, ((-2.8, 2.8), (2.8, 2.8), (0.0, -3.6))),
    Form(9.8, 11.0, 11.5, ((-2.4, 2.6), (2.4, 2.6), (0.0, -3.2))),
)
LOWER: Final = (
    Form(5.4, 5.8, 12.0),
    Form(5.9, 6.2, 13.0),
    Form(6.9, 7.6, 15.0),
    Form(7.1, 7.8, 14.0),
    Form(7.2, 8.2, 14.0),
    Form(11.2, 10.4, 13.5, ((-3.0, 0.0), (3.0, 0.0))),
    Form(10.6, 10.0, 12.5, ((-2.6, 0.0), (2.6, 0.0))),
)


@dataclass(frozen=True)
class Tooth:
    """One tooth: its FDI number, its form, and where along the arch it stands."""

    fdi: str
    form: Form
    s_mm: float

    @property
    def is_upper(self) -> bool:
        """Whether it stands in the maxilla."""
        return self.fdi[0] in "12"

    @property
    def is_left(self) -> bool:
        """Whether it stands on the patient's left."""
        return self.fdi[0] in "23"


def dentition() -> Iterator[Tooth]:
    """Give the 28 places of a full arch without wisdom teeth, 36 included."""
    for quadrant in "1234":
        s = 0.0
        for position, form in enumerate(UPPER if quadrant in "12" else LOWER, start=1):
            yield Tooth(f"{quadrant}{position}", form, s + form.width_mm / 2)
            s += form.width_mm


class PlacedTooth:
    """A tooth at the places around it; ``paint(values, z)`` lays it over one plane."""

    def __init__(self, tooth: Tooth, places: Places) -> None:
        self.tooth = tooth
        half_width, half_depth = tooth.form.width_mm / 2 + 2.5, tooth.form.depth_mm / 2 + 3.0
        is_side = places.x >= 0 if tooth.is_left else places.x < 0
        near = is_side & (np.abs(places.s - tooth.s_mm) < half_width) & (np.abs(places.d) < half_depth)
        self.index = np.flatnonzero(near)
        self.u: FloatArray = (places.s - tooth.s_mm).ravel()[self.index]
        self.v: FloatArray = places.d.ravel()[self.index]
        self.edge_mm = places.edge_mm

    def paint(self, values: FloatArray, z: float) -> None:
        """Lay the tooth over ``values`` (C-contiguous, in the shape of the places) of the plane at ``z``."""
        height = z if self.tooth.is_upper else -z
        if not self.index.size or not 0.0 < height < CEMENT_EDGE_MM + self.tooth.form.root_mm + 2.0:
            return
        flat = values.reshape(-1)
        part = flat[self.index]
        if self.tooth.fdi == IMPLANT_TOOTH:
            self._paint_implant(part, height)
        else:
            self._paint_roots(part, height)
            self._paint_crown(part, height)
        flat[self.index] = part

    def _paint_implant(self, part: FloatArray, height: float) -> None:
        start, end = 9.0, 9.0 + IMPLANT_LENGTH_MM
        thread = 0.25 * abs((height % 0.8) / 0.4 - 1.0)
        radius = IMPLANT_DIAMETER_MM / 2 - thread
        shaft = np.maximum(np.hypot(self.u, self.v) - radius, max(start - height, height - end))
        paint(part, shaft, TITANIUM, self.edge_mm)

    def _paint_crown(self, part: FloatArray, height: float) -> None:
        form = self.tooth.form
        middle = CEMENT_EDGE_MM / 2 + 0.3
        outline = self._crown_shape(height - middle, form.width_mm / 2, form.depth_mm / 2, middle)
        paint(part, outline, ENAMEL, self.edge_mm)
        core = self._crown_shape(height - middle - 1.5, form.width_mm / 2 - 1.2, form.depth_mm / 2 - 1.2, middle)
        paint(part, core, DENTIN, self.edge_mm)
        chamber = ellipsoid((self.u, form.width_mm / 6), (self.v, form.depth_mm / 6), (height - 7.0, 2.2))
        paint(part, chamber, PULP, self.edge_mm)

    def _crown_shape(self, w: float, a: float, b: float, c: float) -> FloatArray:
        rho = np.cbrt(np.abs(self.u / a) ** 3 + np.abs(self.v / b) ** 3 + abs(w / c) ** 3)
        return np.asarray((rho - 1) * min(a, b, c), dtype=np.float32)

    def _paint_roots(self, part: FloatArray, height: float) -> None:
        shapes = [self._root(apex, height) for apex in self.tooth.form.roots]
        distance = np.minimum.reduce([root for root, _ in shapes])
        pulp = np.minimum.reduce([canal for _, canal in shapes])
        if height > CEMENT_EDGE_MM + 1.0:
            paint(part, distance - 0.8, CORTICAL_BONE, self.edge_mm)
            paint(part, distance - 0.35, LIGAMENT, self.edge_mm)
        paint(part, distance, DENTIN, self.edge_mm)
        paint(part, pulp, PULP, self.edge_mm)

    def _root(self, apex: tuple[float, float], height: float) -> tuple[FloatArray, FloatArray]:
        """Give signed distances to one root and to its canal: an elliptic cone that leans towards its apex."""
        form = self.tooth.form
        t = (height - CEMENT_EDGE_MM + 2.0) / (form.root_mm + 2.0)
        beyond = max(-t, t - 1.0) * form.root_mm
        t = min(max(t, 0.0), 1.0)
        many = len(form.roots) > 1
        lean = min(1.0, 0.35 + t)
        u, v = self.u - apex[0] * lean, self.v - apex[1] * lean
        a = (form.width_mm * (0.24 if many else 0.4)) * (1 - 0.75 * t**1.6)
        b = (form.depth_mm * (0.24 if apex[1] else 0.38)) * (1 - 0.75 * t**1.6)
        distance = np.maximum((np.sqrt((u / a) ** 2 + (v / b) ** 2) - 1) * min(a, b), beyond)
        canal = np.maximum(np.hypot(u, v) - (0.75 - 0.45 * t), beyond + 0.4)
        return distance.astype(np.float32), canal.astype(np.float32)
