"""Where in the mouth a place of a panoramic lies: the sextant, never a single tooth."""

from typing import Final

# The canines of most panoramics lie about here; a detector that knows no teeth can say no more than this.
_RIGHT_CANINE: Final = 0.40
_LEFT_CANINE: Final = 0.60
_SEXTANTS: Final = {
    ("upper", "right"): "18-14",
    ("upper", "front"): "13-23",
    ("upper", "left"): "24-28",
    ("lower", "right"): "48-44",
    ("lower", "front"): "43-33",
    ("lower", "left"): "34-38",
}


def sextant(box: tuple[float, float, float, float], rows: int, columns: int) -> str:
    """Give the sextant of a box of a panoramic as the range of its FDI numbers.

    The patient's right is at the left of the image (PS3.3 C.7.6.1.1.1, Patient Orientation L and F); the bite plane is
    taken to lie half way down.
    """
    across = (box[0] + box[2]) / 2 / max(columns, 1)
    down = (box[1] + box[3]) / 2 / max(rows, 1)
    side = "right" if across < _RIGHT_CANINE else "left" if across > _LEFT_CANINE else "front"
    return _SEXTANTS["upper" if down < 0.5 else "lower", side]
