"""What an adapter gives: one finding of a network in one image or volume, before anybody looked at it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding.

    Attributes
    ----------
    index
        Place in the class dimension.
    score
        0 to 1.
    box
        Left, top, right, bottom in pixels of the image that was given; None where the finding is of the whole image.
    share
        The part of the image or volume that a region covers; None for boxes.
    first_slice, last_slice
        For volumes, counted from 0 along the volume that was given.
    """

    index: int
    score: float
    box: Box | None = None
    share: float | None = None
    first_slice: int | None = None
    last_slice: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON, rounded to what is meant."""
        values = asdict(self)
        values["score"] = round(self.score, 5)
        values["box"] = [round(side, 2) for side in self.box] if self.box else None
        values["share"] = round(self.share, 6) if self.share is not None else None
        return values

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> "Found":
        """Read what `as_json` wrote."""
        box = values.get("box")
        return cls(**{**values, "box": tuple(box) if box else None})
