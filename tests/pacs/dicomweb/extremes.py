"""Images with every extreme value that their bits can hold, and where they are found."""

from typing import Any

import numpy as np
import numpy.typing as npt

from pacs.dicom.lossless import HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL, JPEG_LS_LOSSLESS
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.pacs.dicomweb.requests import address

Pixels = npt.NDArray[Any]
# What frames are called in each transfer syntax (PS3.18 table 8.7.3-4).
TYPES = {HTJ2K_LOSSLESS: "image/jphc", HTJ2K_LOSSLESS_RPCL: "image/jphc", JPEG_LS_LOSSLESS: "image/jls"}


def values(bits: int, shape: tuple[int, ...], *, signed: bool = False) -> Pixels:
    """Return every extreme and much between, in the word that holds so many bits."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    found = np.random.default_rng(bits).integers(low, high, shape, endpoint=True)
    found.reshape(-1)[:40] = low
    found.reshape(-1)[40:80] = high
    return found.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")


def stored_in(bits: int) -> dict[str, Any]:
    return {"BitsStored": bits, "HighBit": bits - 1}


def one(study: Study, *rest: str) -> str:
    """Return the address of the one instance of a study, or of something below it."""
    series, sop = make_uid("s", "series"), make_uid("s", "instance", 1)
    return address(study, "series", series, "instances", sop, *rest)
