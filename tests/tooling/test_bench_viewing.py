"""The measuring of the viewer: which pictures count, and which end the run."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from tooling.bench.browser import Line
from tooling.bench.checks import WrongAnswerError
from tooling.bench.planes import Pane, Picture, Shot, Volume, expected, likeness, require_planes
from tooling.bench.studies import make_cbct, relabelled
from tooling.bench.viewing import volume_of

WINDOW = (200.0, 3000.0)
AXIAL = Pane("axial", 2, 10.5, 0, 300.25, 280)
CORONAL = Pane("coronal", 3, 320.75, 0, 200, 280)


@pytest.fixture(scope="module")
def volume() -> Volume:
    """Fewer voxels than a real one: a slope in every direction, and noise of its own in every slice."""
    slices, rows, columns = np.mgrid[:40, :240, :280]
    noise = np.random.default_rng(3).integers(0, 200, size=(40, 240, 280))
    return np.asarray(500 + 20 * slices + 2 * rows + columns + noise, np.uint16)


def shot_of(volume: Volume, *panes: Pane, ratio: float = 1.5) -> Shot:
    """Draw as the viewer does, in eight bits."""
    grey = np.zeros((round(300 * ratio), round(560 * ratio)))
    shot = Shot(1000.0, ratio, WINDOW, panes, grey)
    for pane in panes:
        place = shot.picture(pane)
        place[:] = np.round(expected(volume, pane, ratio, WINDOW, place.shape))
    return shot


def test_the_right_planes_count(volume: Volume) -> None:
    shot = shot_of(volume, AXIAL, CORONAL)

    require_planes(shot, volume, ("axial", "coronal"), is_sharp=True)


def test_a_plane_lies_as_the_reader_faces_it(volume: Volume) -> None:
    picture = expected(volume, CORONAL, 1.0, WINDOW, (280, 200))
    inside = np.argwhere(picture > 0)
    top, left = inside.min(axis=0)
    bottom, right = inside.max(axis=0)

    # 280 columns fill 96 in 100 of 200 pixels; 40 slices lie in the middle of 280, the last one on top.
    assert (left, right) == (4, 195)
    assert bottom - top + 1 == pytest.approx(40 * 0.96 * 200 / 280, abs=1)
    assert picture[top + 5, left:right].mean() > picture[bottom - 5, left:right].mean()


def test_another_slice_ends_the_run(volume: Volume) -> None:
    shot = replace(shot_of(volume, AXIAL), panes=(replace(AXIAL, index=3),))

    with pytest.raises(WrongAnswerError, match="axial 3 differs by"):
        require_planes(shot, volume, ("axial",), is_sharp=False)


def test_a_black_plane_ends_the_run(volume: Volume) -> None:
    shot = replace(shot_of(volume, AXIAL), grey=np.zeros((450, 840)))

    with pytest.raises(WrongAnswerError, match="axial 2 differs by"):
        require_planes(shot, volume, ("axial",), is_sharp=False)


def test_a_plane_that_is_not_shown_ends_the_run(volume: Volume) -> None:
    with pytest.raises(WrongAnswerError, match=r"\('axial',\) are shown instead of"):
        require_planes(shot_of(volume, AXIAL), volume, ("axial", "coronal"), is_sharp=False)


def test_a_preview_is_right_but_not_sharp(volume: Volume) -> None:
    coarse = volume.reshape(40, 60, 4, 70, 4).mean(axis=(2, 4)).repeat(4, axis=1).repeat(4, axis=2)
    shot = shot_of(coarse.astype(np.uint16), AXIAL)

    require_planes(shot, volume, ("axial",), is_sharp=False)
    with pytest.raises(WrongAnswerError, match="not at full resolution"):
        require_planes(shot, volume, ("axial",), is_sharp=True)


def test_details_of_another_slice_are_not_alike(volume: Volume) -> None:
    def picture(index: int) -> Picture:
        return expected(volume, replace(AXIAL, index=index), 1.0, WINDOW, (280, 300))

    assert likeness(picture(2), picture(2)) == pytest.approx(1)
    assert abs(likeness(picture(2), picture(20))) < 0.3
    assert likeness(np.zeros((20, 20)), np.zeros((20, 20))) == 0


def test_a_shot_is_read_from_its_lowest_row_up() -> None:
    found = {
        "atMs": 700.5,
        "width": 2,
        "height": 2,
        "ratio": 2,
        "window": [40, 400],
        "panes": [{"plane": "axial", "index": 7, "x": 0, "y": 0, "width": 1, "height": 1}],
        "grey": base64.b64encode(bytes([3, 4, 1, 2])).decode(),
    }

    shot = Shot.read(found)

    assert shot.grey.tolist() == [[1, 2], [3, 4]]
    assert shot.panes[0].index == 7
    assert shot.window == (40, 400)


def test_the_voxels_of_a_study_are_those_of_its_slices_each_brighter_than_the_one_below() -> None:
    study = relabelled(make_cbct(slices=3), 9)
    volume = volume_of(study)

    assert volume.shape == (3, 512, 512)
    assert all(volume[index].tobytes() == bytes(one.pixels) for index, one in enumerate(study.slices))
    assert np.diff(volume.mean(axis=(1, 2))) == pytest.approx([2, 2])


def test_a_line_is_told_to_the_browser_in_bytes() -> None:
    assert Line(bits_per_s=20e6, latency_ms=50).conditions()["downloadThroughput"] == 2_500_000
