"""Enhanced multi-frame objects: what an attribute is for one frame (PS3.3 C.7.6.16)."""

from collections.abc import Iterable, Iterator

from pacs.dicom.json_model import Attributes, get_items, get_number

__all__ = ["frame_attributes", "frames_attributes", "number_of_frames"]


def number_of_frames(attributes: Attributes) -> int:
    """Give Number of Frames (0028,0008), at least 1."""
    return max(1, int(get_number(attributes, "NumberOfFrames") or 1))


def frame_attributes(attributes: Attributes, frame_number: int) -> Attributes:
    """Give the attributes of one frame as if it were an object of its own.

    Parameters
    ----------
    attributes
        An instance as DICOM JSON model.
    frame_number
        Counted from 1.

    Returns
    -------
    dict
        The attributes of the instance, those of its shared functional groups over them, and those of the frame's own
        over these. `attributes` itself where there are no functional groups.
    """
    per_frame = get_items(attributes, "PerFrameFunctionalGroupsSequence")
    groups = get_items(attributes, "SharedFunctionalGroupsSequence") + per_frame[frame_number - 1 : frame_number]
    if not groups:
        return attributes
    merged = dict(attributes)
    for macro in _macros(groups):
        merged.update(macro)
    return merged


def frames_attributes(attributes: Attributes, tags: frozenset[str]) -> Iterator[Attributes]:
    """Give what `frame_attributes` gives of each frame in turn, of some tags alone.

    Parameters
    ----------
    attributes
        An instance as DICOM JSON model.
    tags
        Those that are needed: whatever else the header holds is looked at once, not once for each frame.
    """
    shared = {tag: attributes[tag] for tag in tags & attributes.keys()}
    for macro in _macros(get_items(attributes, "SharedFunctionalGroupsSequence")):
        shared |= {tag: macro[tag] for tag in tags & macro.keys()}
    per_frame = get_items(attributes, "PerFrameFunctionalGroupsSequence")
    for number in range(number_of_frames(attributes)):
        own = shared
        for macro in _macros(per_frame[number : number + 1]):
            own = own | {tag: macro[tag] for tag in tags & macro.keys()}
        yield own


def _macros(groups: Iterable[Attributes]) -> Iterator[Attributes]:
    for group in groups:
        for macro in group.values():
            items = macro.get("Value") or []
            if items and isinstance(items[0], dict):
                yield items[0]
