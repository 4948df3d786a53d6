"""Which walls stand around a network's process, and the proof that they hold (X-13)."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from common.clock import now
from inference import children
from inference.networks import walls
from pacs.dicom.jobs import frame_sandbox

_ROOT: Final = Path(__file__).resolve().parent.parent
_PLAIN: Final = (sys.executable, "-m", walls.__name__)
_PATIENCE_S: Final = 60
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
    """Try to leave a network's child in every way we know, and the same ways out of a plain process for comparison.

    Returns
    -------
    dict
        `holds` is True when all was stopped in there; where the kernel grants no wall, what Python alone can try.
    """
    given = _walls(children.children().isolation())
    inside: dict[str, str] = children.ask_plain("attempt_job")["attempts"]
    # Sixty megabytes; whoever needs it next starts it again in a second.
    children.children().forget(children.NO_NETWORK)
    tried = [name for name in inside if given.wall != "guard" or name in _OF_PYTHON]
    return {
        "at": now().isoformat(),
        "wall": given.wall,
        "holds": all(inside[name] != "open" for name in tried),
        "inside": inside,
        "outside": _outside(),
    }


def _outside() -> dict[str, str]:
    """Try the same ways where nothing is forbidden: they must succeed there, else the attempts prove nothing."""
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        _PLAIN, cwd=_ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_PATIENCE_S
    )
    found: dict[str, str] = orjson.loads(done.stdout)
    return found


def _walls(given_up: Mapping[str, Any]) -> Walls:
    return Walls(
        wall=str(given_up["network"]) or "guard",
        has_filter=bool(given_up["files"]),
        has_no_files=bool(given_up["files"]),
        has_no_programs=bool(given_up["programs"]),
    )
