"""The bounds inside which an object is read (security design, part 8)."""

from dataclasses import dataclass


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
    inflated_bytes: int = 1 << 30
    pixel_bytes: int = 4 << 30


DEFAULT_LIMITS = Limits()
