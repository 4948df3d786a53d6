"""Objects that are written here, judged by dicom3tools: each has the modules of its kind (PS3.3 annex A)."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pacs.dicom import pictures
from pacs.dicom.film import FILM_KINDS, write_film
from pacs.dicom.phantom import make_bitewing, make_cbct, make_cephalometric, make_panoramic
from tests.factories.pictures import make_jpeg, make_pixels, make_png
from tests.pacs.dicom.test_film import header

# A cone beam's values are not calibrated, which (0028,1054) US says; the judge wants Hounsfield units or nothing.
_UNCALIBRATED = "If RescaleType is present and not multi-energy acquisition, must be HU"


def errors(file: Path) -> list[str]:
    """Return what the judge calls an error."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dicom3tools is not installed: tooling/judges.sh installs it")
    done = subprocess.run(["dciodvfy", file], capture_output=True, text=True, check=False, timeout=60)
    said = (done.stderr + done.stdout).splitlines()
    assert said, "the judge said nothing"
    return [line for line in said if line.startswith("Error") and _UNCALIBRATED not in line]


def _first_slice() -> bytes:
    return next(iter(make_cbct(columns=32, rows=32, slices=2)))


@pytest.mark.parametrize("make", [_first_slice, make_panoramic, make_cephalometric, make_bitewing])
def test_the_objects_of_the_demo_have_the_modules_of_their_kind(tmp_path: Path, make: Callable[[], bytes]) -> None:
    file = tmp_path / "object.dcm"
    file.write_bytes(make())

    assert errors(file) == []


@pytest.mark.parametrize("kind", sorted(FILM_KINDS))
@pytest.mark.parametrize("original", [make_jpeg(), make_png(make_pixels())], ids=["jpeg", "png"])
def test_a_wrapped_picture_has_the_modules_of_its_kind(tmp_path: Path, kind: str, original: bytes) -> None:
    file = tmp_path / "object.dcm"
    film = header(kind, tooth="36" if kind.startswith("intraoral") else "", laterality="R")
    file.write_bytes(write_film(film, pictures.inspect(original), original))

    assert errors(file) == []


def test_the_judge_finds_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "object.dcm"
    file.write_bytes(make_panoramic(StudyInstanceUID=None))

    assert errors(file) != []
