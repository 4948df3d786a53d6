"""The golden image: whether a network finds in it what its manifest says."""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.networks.errors import GoldenError
from inference.networks.found import Found
from inference.networks.manifest import Expected, Golden, Manifest

MAX_BYTES = 64 * 1024 * 1024


def read_image(data: bytes, manifest: Manifest) -> npt.NDArray[np.generic]:
    """Read a .npy array: uint8 (rows, columns), or int16 or float32 (slices, rows, columns) for volumes.

    Raises
    ------
    GoldenError
        If it is none of these.
    """
    try:
        array: npt.NDArray[np.generic] = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError):
        raise GoldenError("the golden image is no .npy array of numbers") from None
    is_volume = len(manifest.input.size) == 3
    is_float = array.dtype == np.float32 and bool(np.isfinite(array).all())
    kinds = {"int16": True, "float32": is_float} if is_volume else {"uint8": True, "float32": is_float}
    if not kinds.get(array.dtype.name) or array.ndim != (3 if is_volume else 2) or 0 in array.shape:
        raise GoldenError(f"the golden image is {array.dtype} {array.shape}, which is none that is read")
    return array


def compare(found: Sequence[Found], manifest: Manifest) -> None:
    """Match what was found with what is expected, one to one.

    Raises
    ------
    GoldenError
        That names the first difference.
    """
    above = [finding for finding in found if _is_above(finding, manifest)]
    left = list(above)
    for expected in manifest.golden.expected:
        match = next((finding for finding in left if _is_same(finding, expected, manifest)), None)
        if match is None:
            raise GoldenError(f"{expected.label} with score {expected.score:.3f} was not found, or elsewhere")
        left.remove(match)
    strict = [finding for finding in left if _is_well_above(finding, manifest)]
    if strict:
        raise GoldenError(f"{_name(strict[0], manifest)} with score {strict[0].score:.3f} was found, but not expected")


def _is_above(finding: Found, manifest: Manifest) -> bool:
    label = manifest.label_of(finding.index)
    return label is not None and finding.score >= label.threshold - manifest.golden.score_tolerance


def _is_well_above(finding: Found, manifest: Manifest) -> bool:
    """Say whether a finding is above its threshold by more than two machines may differ."""
    label = manifest.label_of(finding.index)
    return label is not None and finding.score >= label.threshold + manifest.golden.score_tolerance


def _is_same(finding: Found, expected: Expected, manifest: Manifest) -> bool:
    golden = manifest.golden
    is_near = abs(finding.score - expected.score) <= golden.score_tolerance
    return is_near and _name(finding, manifest) == expected.label and _is_there(finding, expected, golden)


def _is_there(finding: Found, expected: Expected, golden: Golden) -> bool:
    if expected.share is not None and abs((finding.share or 0) - expected.share) > golden.score_tolerance:
        return False
    if expected.box is None:
        return True
    pairs = zip(finding.box or (), expected.box, strict=False)
    return finding.box is not None and all(abs(have - want) <= golden.box_tolerance for have, want in pairs)


def _name(finding: Found, manifest: Manifest) -> str:
    label = manifest.label_of(finding.index)
    return label.name if label else str(finding.index)
