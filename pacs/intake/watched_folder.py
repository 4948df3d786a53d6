"""A watched folder: where the programs of capture devices save their files.

A file is complete when it is unchanged between two looks, and for a while before.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pacs.intake.watched import BLOCK, DONE, FAILED, is_left_alone

_Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """One file that is complete, as it looked when it was found to be."""

    folder: Path
    path: Path
    shape: _Shape

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    def open(self) -> BinaryIO:
        """Open it for reading."""
        return self.path.open("rb", buffering=BLOCK)

    def move(self, reason: str) -> bool:
        """Move it to `done`, or to `failed` with the reason; say no when it is not there any more."""
        if _shape(self.path) != self.shape:
            return False
        place = self.folder / (FAILED if reason else DONE) / self.path.relative_to(self.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        target = _free(place)
        if reason:
            target.with_name(f"{target.name}.txt").write_text(f"{reason}\n", encoding="utf-8")
        try:
            self.path.replace(target)
        except FileNotFoundError:
            return False
        return True


@dataclass(slots=True)
class WatchedFolder:
    """One folder with all that is below it; a file must have been left alone for `settle_s`."""

    folder: Path
    settle_s: float = 5.0
    clock: Callable[[], float] = time.time
    _seen: dict[Path, _Shape] = field(default_factory=dict)

    def list_ready(self) -> list[DroppedFile]:
        """List the files that are complete, the oldest first."""
        shapes = {path: shape for path in self._files() if (shape := _shape(path)) is not None}
        limit = (self.clock() - self.settle_s) * 1_000_000_000
        ready = [path for path, shape in shapes.items() if self._seen.get(path) == shape and shape[1] <= limit]
        self._seen = shapes
        ready.sort(key=lambda path: (shapes[path][1], path))
        return [DroppedFile(self.folder, path, shapes[path]) for path in ready]

    def _files(self) -> Iterator[Path]:
        own = {self.folder / DONE, self.folder / FAILED}
        for root, folders, names in os.walk(self.folder, followlinks=False):
            folders[:] = [name for name in folders if Path(root) / name not in own and not name.startswith(".")]
            for name in names:
                if not is_left_alone([name]):
                    yield Path(root) / name


def _shape(path: Path) -> _Shape | None:
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino) if path.is_file() and not path.is_symlink() else None


def _free(place: Path) -> Path:
    """Return a name that no file has: the same name may come every day."""
    candidate, number = place, 1
    while candidate.exists():
        number += 1
        candidate = place.with_name(f"{place.stem}-{number}{place.suffix}")
    return candidate
