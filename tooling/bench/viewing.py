"""The viewer in a browser: how soon three linked planes answer the reader, and how soon all is there.

The viewer itself says in the browser's timeline that it has drawn. At each mark slices are turned, and what the device
then shows is read back: a time counts when that picture is the plane of the volume that it has to be. Beside it OHIF on
the peer. There is no graphics processor here: Chromium draws WebGL on the same two cores that the server runs on.
"""

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

import numpy as np

from tests.e2e import ohif
from tooling.bench.browser import DESKTOP, PHONE, Device, Visit, is_possible, visit
from tooling.bench.checks import WrongAnswerError, require_status
from tooling.bench.client import Connection
from tooling.bench.phases import Figures, Phase, Work
from tooling.bench.planes import Shot, Volume, require_planes
from tooling.bench.studies import COLUMNS, ROWS, SLICES, Study
from tooling.bench.targets import LIMIT, PEER, Target

_PLANES = ("axial", "coronal", "sagittal")
_DRAWN, _FULL = "viewer-planes", "viewer-full"
# By how many slices the script turns.
_TURNED = 40
_TIMEOUT_S = 120.0
_MS = 1e3
# On a phone no more single frames than those that lie around the slices that were looked at.
_MOST_FRAMES = 12
_NAME, _NAME_OHIF = "viewing.js", "viewing_ohif.js"


def view(work: Work, target: Target, _repeat: int) -> Figures:
    """Open a volume in the viewer, on a desktop and on a phone."""
    if target.name == LIMIT or not is_possible():
        return {}
    study = work.kept[0]
    if target.name == PEER:
        return _view_by_ohif(target, study) if ohif.is_installed() else {}
    return {**_on_desktop(target, study), **_on_phone(target, study)}


def _on_desktop(target: Target, study: Study) -> Figures:
    with _visit(target, study, DESKTOP) as visiting:
        drawn, full = _shots(visiting)
        full_ms = visiting.page.evaluate(f"bench.marks['{_FULL}']")
    volume = volume_of(study)
    require_planes(drawn, volume, _PLANES, is_sharp=False)
    require_planes(full, volume, _PLANES, is_sharp=True)
    return {"viewer_planes": [drawn.at_ms / _MS], "viewer_full": [full_ms / _MS]}


def _on_phone(target: Target, study: Study) -> Figures:
    """Open it on a phone, where one plane is shown at a time; half the resolution of the others comes last."""
    with _visit(target, study, PHONE) as visiting:
        drawn, full = _shots(visiting)
        slice_ms = visiting.page.evaluate(f"bench.marks['{_FULL}']")
        until_slice_mb = visiting.megabytes
        visiting.wait_for("/half", _TIMEOUT_S)
        others = [_other_plane(visiting, plane) for plane in _PLANES[1:]]
        frames, all_mb = visiting.count("/frames/"), visiting.megabytes
    if frames > _MOST_FRAMES:
        raise WrongAnswerError(f"a phone loaded {frames} slices at full resolution")
    volume = volume_of(study)
    require_planes(drawn, volume, _PLANES[:1], is_sharp=False)
    require_planes(full, volume, _PLANES[:1], is_sharp=True)
    for plane, shot in zip(_PLANES[1:], others, strict=True):
        require_planes(shot, volume, (plane,), is_sharp=False)
    return {
        "viewer_phone": [drawn.at_ms / _MS],
        "viewer_phone_slice": [slice_ms / _MS],
        "viewer_phone_mb": [until_slice_mb],
        "viewer_phone_all_mb": [all_mb],
    }


def _shots(visiting: Visit) -> tuple[Shot, Shot]:
    """Return what was shown when the planes were drawn, and when all detail was."""
    found = [visiting.wait(f"bench.shots['{name}']", _TIMEOUT_S) for name in (_DRAWN, _FULL)]
    first, second = map(Shot.read, found)
    turned = {shot.panes[0].index - SLICES // 2 for shot in (first, second)}
    if turned != {_TURNED}:
        raise WrongAnswerError(f"the slices were turned by {turned} instead of {_TURNED}")
    return first, second


def _other_plane(visiting: Visit, plane: str) -> Shot:
    visiting.page.evaluate(f"document.querySelector('[data-plane-tab={plane}]').click(), bench.shoot('{plane}')")
    return Shot.read(visiting.wait(f"bench.shots['{plane}']", _TIMEOUT_S))


def _visit(target: Target, study: Study, device: Device) -> AbstractContextManager[Visit]:
    if target.session is None:
        raise ValueError(f"nobody is signed in to {target.name}")
    session = target.session()
    with Connection(target.port, {"Cookie": f"bitewing={session}"}) as connection:
        answer = connection.get(f"/studies/by-uid/{study.study_instance_uid}/")
    require_status(answer, 302)
    study_id = answer.headers["location"].strip("/").rpartition("/")[2]
    url = f"http://127.0.0.1:{target.port}/viewer/{study_id}/"
    return visit(device, url, script=_script(_NAME), cookies={"bitewing": session})


def volume_of(study: Study) -> Volume:
    """Return the voxels of a study, (slices, rows, columns)."""
    # All slices are views of the same bytes.
    return np.frombuffer(memoryview(study.slices[0].pixels.obj), np.uint16).reshape(-1, ROWS, COLUMNS)


def _view_by_ohif(target: Target, study: Study) -> Figures:
    """Open it in OHIF on a desktop, whose pictures are only looked at for being some."""
    with ohif.serving(f"http://127.0.0.1:{target.port}", "") as base:
        url = f"{base}/viewer?StudyInstanceUIDs={study.study_instance_uid}&hangingprotocolid=mpr"
        with visit(DESKTOP, url, script=_script(_NAME_OHIF)) as visiting:
            planes_ms = visiting.wait("bench?.answeredMs", _TIMEOUT_S)
            visiting.wait(f"bench.frames >= {SLICES} || null", _TIMEOUT_S)
            full_ms = visiting.page.evaluate("bench.lastFrameMs")
    return {"viewer_planes": [planes_ms / _MS], "viewer_full": [full_ms / _MS]}


@cache
def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


PHASES = (Phase("viewer", view, is_repeated_always=True),)
