"""The bounds inside which an object is read (security design, part 8)."""

from dataclasses import dataclass

from pacs.dicom.errors import LimitExceededError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one object may ask of the scan; beyond it, the object is refused.

    Attributes
    ----------
    head_bytes
        All elements but the pixel data and binary values that are left out of the JSON.
    depth
        Sequences inside each other.
    elements, items
        Data elements and sequence items, at all levels together.
    values
        Values of long multi-valued elements together: each becomes an object in memory.
    fragments
        Fragments of encapsulated pixel data (PS3.5 A.4).
    frames
        Number of Frames (0028,0008), also of an object that has none.
    inflated_bytes
        Output of a deflated data set (PS3.5 A.5).
    pixel_bytes
        Rows x columns x samples x bits x frames, decoded.
    """

    head_bytes: int = 16 << 20
    depth: int = 16
    elements: int = 100_000
    items: int = 50_000
    values: int = 2_000_000
    fragments: int = 500_000
    frames: int = 500_000
    inflated_bytes: int = 1 << 30
    pixel_bytes: int = 4 << 30


DEFAULT_LIMITS = Limits()


class Budget:
    """What an object has used of its limits so far.

    Every method raises `LimitExceededError` once there is too much of what it counts.
    """

    __slots__ = ("_elements", "_fragments", "_items", "_limits", "_values")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._elements = 0
        self._items = 0
        self._values = 0
        self._fragments = 0

    def count_elements(self, number: int) -> None:
        """Count data elements."""
        self._elements += number
        if self._elements > self._limits.elements:
            raise LimitExceededError(f"more than {self._limits.elements} elements")

    def count_item(self) -> None:
        """Count one item of a sequence."""
        self._items += 1
        if self._items > self._limits.items:
            raise LimitExceededError(f"more than {self._limits.items} sequence items")

    def count_fragment(self) -> None:
        """Count one fragment."""
        self._fragments += 1
        if self._fragments > self._limits.fragments:
            raise LimitExceededError(f"more than {self._limits.fragments} fragments")

    def count_values(self, number: int) -> None:
        """Count the values of one long element."""
        self._values += number
        if self._values > self._limits.values:
            raise LimitExceededError(f"more than {self._limits.values} values in long elements")

    def check_head(self, size: int) -> None:
        """Compare the size of the header."""
        if size > self._limits.head_bytes:
            raise LimitExceededError(f"the header exceeds {self._limits.head_bytes} bytes")

    def check_depth(self, depth: int) -> None:
        """Compare how many sequences lie inside each other."""
        if depth > self._limits.depth:
            raise LimitExceededError(f"sequences are nested deeper than {self._limits.depth}")
