"""The films that arrive: the phantom's, in the sizes of a panoramic unit and of a sensor, with a detector's noise."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from pydicom import dcmread

from pacs.dicom.phantom import Person, make_bitewing, make_panoramic
from tooling.bench.studies import Slice, Study, patient_id_of, uid_of

# Rays through the phantom are costly: a coarse picture is enlarged.
_COARSE = 8
_NAME = "Bench^Film"


def make_films() -> tuple[Study, Study]:
    """Make a panoramic of 2,560 x 1,280 and a bitewing of 1,536 x 1,024, each as study 0, 12 bits in 16."""
    return _film(make_panoramic, 1280, 2560, 0.5), _film(make_bitewing, 1024, 1536, 0.2)


def _film(make: Callable[..., bytes], rows: int, columns: int, spacing_mm: float) -> Study:
    shape = {"rows": rows // _COARSE, "columns": columns // _COARSE, "spacing_mm": spacing_mm}
    coarse = dcmread(BytesIO(make(**shape))).pixel_array
    noise = np.random.default_rng(rows).integers(0, 32, size=(rows, columns), dtype=np.uint16)
    image = np.minimum(np.kron(coarse, np.ones((_COARSE, _COARSE), np.uint16)) + noise, 4095)
    pixels = image.astype("<u2").tobytes()
    spacing = [spacing_mm / _COARSE] * 2
    file = make(
        **shape,
        patient=Person(_NAME, patient_id_of(0), "19800101", "O"),
        study_instance_uid=uid_of(0, 0),
        SeriesInstanceUID=uid_of(0, 1),
        SOPInstanceUID=uid_of(0, 2),
        ImagerPixelSpacing=spacing,
        Rows=rows,
        Columns=columns,
        PixelData=pixels,
    )
    one = Slice(uid_of(0, 2), file[: -len(pixels)], memoryview(pixels))
    return Study(uid_of(0, 0), uid_of(0, 1), patient_id_of(0), _NAME, (one,))
