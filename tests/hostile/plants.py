"""What is planted in a portal, and where it is found again."""

import base64
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.factories.studies import make_dicom

FAMILY, GIVEN = "Zyxwvut", "Quibble"
NAMES = (FAMILY.lower(), GIVEN.lower())
# Of the patient as well, and in the same columns only: ids, dates, what was examined, who asked for it.
FACTS = ("canary", "19770707", "1977-07-07")
_PIXELS = np.random.default_rng(11).integers(0, 65536, (64, 64), np.uint16)
_PIECE = 24


def planted_files(slices: int = 3) -> list[bytes]:
    """Make a series of somebody whose name and pixels are found nowhere else."""
    return [_file(number) for number in range(1, slices + 1)]


def refused_files() -> list[bytes]:
    """Make files of the same person that are not stored: cut short, with the UID of another, without an identity."""
    return [_file(4)[:-50], _file(1) + bytes(2), _file(5).replace(b"2.25.", b"x.yz."), b"%PDF" + _file(6)[4:]]


def _file(number: int) -> bytes:
    return make_dicom(
        "planted",
        number,
        pixels=_PIXELS + np.uint16(number),
        PatientName=f"{FAMILY}^{GIVEN}",
        PatientID="CANARY-1",
        PatientBirthDate="19770707",
        AccessionNumber="CANARYACC",
        StudyDescription="Canary examination",
        SeriesDescription="Canary series",
        ReferringPhysicianName="Canary^Referrer",
        ImageComments=f"Canary comment on {FAMILY}",
    )


def pixel_runs() -> list[bytes]:
    """Return pieces of the pixels as they would lie in any file that holds them in clear."""
    runs = [(_PIXELS + np.uint16(number)).astype("<u2").tobytes() for number in range(1, 7)]
    return [run[at : at + _PIECE] for run in runs for at in range(0, len(run) - _PIECE, 1024)]


@dataclass(frozen=True)
class Finding:
    """Where something was found; what it was is not repeated."""

    place: str
    what: str = field(compare=True)


def in_files(paths: Iterable[Path], wanted: dict[str, list[bytes]]) -> list[Finding]:
    """Look for byte strings, letters in any case, in files."""
    found = []
    for path in paths:
        content = path.read_bytes()
        folded = content.lower()
        for what, pieces in wanted.items():
            if any(piece in content or piece.lower() in folded for piece in pieces):
                found.append(Finding(path.name, what))
    return found


def columns_with(database: Path, words: Iterable[str]) -> set[str]:
    """Name the columns of a database in which a word occurs, in clear or in what a session packs."""
    wanted = [word.lower().encode() for word in words]
    found = set()
    with closing(sqlite3.connect(database)) as connection:
        for table, column, value in _cells(connection):
            if any(word in text for word in wanted for text in _readings(value)):
                found.add(f"{table}.{column}")
    return found


def _cells(connection: sqlite3.Connection) -> Iterator[tuple[str, str, bytes]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in cursor.description]
        for row in cursor:
            for column, value in zip(columns, row, strict=True):
                if value is not None:
                    yield table, column, value if isinstance(value, bytes) else str(value).encode()


def _readings(value: bytes) -> list[bytes]:
    """Return a value in lower case, and what it holds when it is packed: by zlib, or as Django signs its sessions."""
    readings = [value.lower()]
    with suppress(zlib.error):
        readings.append(zlib.decompress(value).lower())
    payload = value.split(b":")[0]
    with suppress(ValueError, zlib.error):
        data = base64.urlsafe_b64decode(payload.lstrip(b".") + b"=" * (-len(payload.lstrip(b".")) % 4))
        readings.append((zlib.decompress(data) if payload.startswith(b".") else data).lower())
    return readings


def row_count(database: Path, statement: str) -> int:
    """Return the one number that a statement asks for."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(statement).fetchone()[0])
