"""Damaged files, the same ones for the same seed."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from pydicom import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from tests.factories.studies import make_dicom

Generator = np.random.Generator
Damage = Callable[[Generator, bytearray], bytearray]
_LENGTHS = (b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\x00\x00\x00\x80", b"\x01\x00\x00\x00", b"\x00\x00\x00\x00")
_MARKS = (
    b"\xfe\xff\x00\xe0\xff\xff\xff\xff",  # item of undefined length
    b"\xfe\xff\x0d\xe0\x00\x00\x00\x00",  # end of an item
    b"\xfe\xff\xdd\xe0\x00\x00\x00\x00",  # end of a sequence
    b"SQ\x00\x00\xff\xff\xff\xff",
    b"UN\x00\x00\xff\xff\xff\xff",
    b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff",  # encapsulated pixel data
)


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """Make damaged files; each is another study, so that what is stored of them does not collide."""
    generator = np.random.default_rng(seed)
    for number in range(count):
        yield _damaged(generator, _whole(f"mutant-{seed}-{number}", number))


def _whole(seed: str, number: int) -> bytearray:
    """Take turns between the transfer syntaxes, and between grey, colour, many frames and compressed ones."""
    return bytearray(_BASES[number % len(_BASES)](seed))


def _colour(seed: str) -> bytes:
    return make_dicom(seed, pixels=np.zeros((8, 8, 3), np.uint8), SamplesPerPixel=3)


def _frames(seed: str) -> bytes:
    return make_dicom(seed, pixels=np.arange(4 * 8 * 8, dtype=np.uint16).reshape(4, 8, 8))


def _compressed(seed: str) -> bytes:
    # RLE (PS3.5 annex G): two segments of a constant row each, for 16-bit pixels.
    frame = b"\x02\0\0\0\x40\0\0\0\x42\0\0\0" + bytes(52) + b"\xf1\x01\xf1\x02"
    grey = {"Rows": 4, "Columns": 4, "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}
    return make_dicom(seed, pixels=None, fragments=[frame, frame], transfer_syntax_uid=RLELossless, **grey)


def _nested(seed: str) -> bytes:
    inner = Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-54010", "Mandible"
    outer = Dataset()
    outer.AnatomicRegionSequence = [inner, inner]
    return make_dicom(seed, RequestAttributesSequence=[outer] * 3, WindowCenter=[400, 40], WindowWidth=[2000, 80])


_BASES: tuple[Callable[[str], bytes], ...] = (
    make_dicom,
    partial(make_dicom, transfer_syntax_uid=ImplicitVRLittleEndian),
    partial(make_dicom, transfer_syntax_uid=ExplicitVRBigEndian),
    partial(make_dicom, transfer_syntax_uid=DeflatedExplicitVRLittleEndian),
    _colour,
    _frames,
    _compressed,
    _nested,
)


def _damaged(generator: Generator, file: bytearray) -> bytes:
    """Damage a file in one to three places; most of them in its header, where meaning is dense."""
    for _ in range(int(generator.integers(1, 4))):
        damage = _DAMAGES[int(generator.integers(len(_DAMAGES)))]
        file = damage(generator, file) or bytearray(b"\x00")
    return bytes(file)


def _place(generator: Generator, file: bytearray) -> int:
    """Choose an offset behind the preamble, one in eight anywhere."""
    end = len(file) if generator.integers(8) == 0 else min(len(file), 1500)
    return int(generator.integers(min(128, end - 1), end)) if end > 1 else 0


def _flip(generator: Generator, file: bytearray) -> bytearray:
    file[_place(generator, file)] ^= 1 << int(generator.integers(8))
    return file


def _byte(generator: Generator, file: bytearray) -> bytearray:
    file[_place(generator, file)] = int(generator.integers(256))
    return file


def _length(generator: Generator, file: bytearray) -> bytearray:
    return _overwrite(generator, file, _LENGTHS[int(generator.integers(len(_LENGTHS)))])


def _mark(generator: Generator, file: bytearray) -> bytearray:
    return _overwrite(generator, file, _MARKS[int(generator.integers(len(_MARKS)))])


def _overwrite(generator: Generator, file: bytearray, piece: bytes) -> bytearray:
    place = _place(generator, file)
    file[place : place + len(piece)] = piece
    return file


def _cut(generator: Generator, file: bytearray) -> bytearray:
    return file[: _place(generator, file)]


def _remove(generator: Generator, file: bytearray) -> bytearray:
    place = _place(generator, file)
    del file[place : place + int(generator.integers(1, 64))]
    return file


def _repeat(generator: Generator, file: bytearray) -> bytearray:
    place = _place(generator, file)
    piece = file[place : place + int(generator.integers(1, 64))]
    return file[:place] + piece * int(generator.integers(1, 200)) + file[place:]


_DAMAGES: tuple[Damage, ...] = (_flip, _flip, _flip, _byte, _byte, _byte, _length, _mark, _cut, _remove, _repeat)
