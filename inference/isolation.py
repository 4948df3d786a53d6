"""Which walls stand around a network's process, and the proof that they hold (X-13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from common.clock import now
from inference import children
from pacs.dicom.jobs import frame_sandbox

_OF_PYTHON: Final = ("socket by Python", "packet to an address")


@dataclass(frozen=True, slots=True)
class Walls:
    """What a child has given up; `wall` is the strongest thing that keeps it from the network."""

    wall: str
    has_filter: bool
    has_no_files: bool
    has_no_programs: bool


def granted() -> Walls:
    """Tell what the kernel grants here: asked of the children that decode frames, which give up the same."""
    return _walls(frame_sandbox().isolation())


def prove() -> dict[str, Any]:
    """Try to leave a network's child in every way we know, and the same ways out of this process for comparison.

    Returns
    -------
    dict
        `holds` is True when all was stopped in there; where the kernel grants no wall, what Python alone can try.
    """
    # Brings the runtime, which only this command needs here.
    from inference.networks import jobs

    walls = _walls(children.children().isolation())
    inside: dict[str, str] = children.ask_plain("attempt_job")["attempts"]
    tried = [name for name in inside if walls.wall != "guard" or name in _OF_PYTHON]
    return {
        "at": now().isoformat(),
        "wall": walls.wall,
        "holds": all(inside[name] != "open" for name in tried),
        "inside": inside,
        "outside": jobs.attempts(),
    }


def _walls(given_up: Mapping[str, Any]) -> Walls:
    return Walls(
        wall=str(given_up["network"]) or "guard",
        has_filter=bool(given_up["files"]),
        has_no_files=bool(given_up["files"]),
        has_no_programs=bool(given_up["programs"]),
    )
