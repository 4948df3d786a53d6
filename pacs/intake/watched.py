"""A watched folder: where the programs of capture devices save their files, and from where these are taken.

A file is read when it is complete: unchanged between two looks, and for a while before. It is moved to ``done`` or
``failed`` after the commit; whoever is killed in between takes it again, and the store knows it already.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from common import logs
from common.actor import Actor
from common.crashpoint import crashpoint
from common.errors import DomainError
from pacs.dicom.errors import ScanError
from pacs.intake.archive_source import looks_like_zip
from pacs.intake.batch import Batch
from pacs.intake.folder import BATCH_BYTES, BLOCK, Import
from pacs.intake.verdicts import Verdict

log = logs.get("intake")
SOURCE: Final = "watch"
DONE: Final = "done"
FAILED: Final = "failed"
MAX_FILES: Final = 200
# What programs call a file that they are still writing.
_UNFINISHED: Final = (".part", ".tmp", ".temp", ".crdownload", ".filepart", ".partial")
_Shape = tuple[int, int, int]


@dataclass(slots=True)
class Looked:
    """What one look did."""

    stored: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(slots=True)
class WatchedFolder:
    """One folder with all that is below it.

    Parameters
    ----------
    settle_s
        How long a file must have been left alone.
    """

    actor: Actor
    folder: Path
    settle_s: float = 5.0
    clock: Callable[[], float] = time.time
    _seen: dict[Path, _Shape] = field(default_factory=dict)

    def look(self) -> Looked:
        """Take what is complete; what cannot be stored for want of a store waits for the next look."""
        looked = Looked()
        ready = self._ready(looked)
        for path in [path for path in ready if self._is_zip(path)]:
            self._take_zip(path, looked)
        files = [path for path in ready if path.exists() and not self._is_zip(path)]
        while files:
            files = self._take(files, looked)
        return looked

    def _ready(self, looked: Looked) -> list[Path]:
        """List the files that are complete, the oldest first."""
        shapes = {path: shape for path in self._files() if (shape := _shape(path)) is not None}
        limit = (self.clock() - self.settle_s) * 1_000_000_000
        ready = [path for path, shape in shapes.items() if self._seen.get(path) == shape and shape[1] <= limit]
        looked.waiting = len(shapes) - len(ready)
        self._seen = shapes
        return sorted(ready, key=lambda path: (shapes[path][1], path))

    def _files(self) -> Iterator[Path]:
        own = {self.folder / DONE, self.folder / FAILED}
        for root, folders, names in os.walk(self.folder, followlinks=False):
            folders[:] = [name for name in folders if Path(root) / name not in own and not name.startswith(".")]
            for name in names:
                if not name.startswith(".") and not name.lower().endswith(_UNFINISHED):
                    yield Path(root) / name

    @staticmethod
    def _is_zip(path: Path) -> bool:
        try:
            return looks_like_zip(path)
        except OSError:
            return False

    def _take(self, files: list[Path], looked: Looked) -> list[Path]:
        """Take one batch; return what is left for the next."""
        taken: list[tuple[Path, Verdict]] = []
        with Batch(actor=self.actor, source=SOURCE) as batch:
            while files and len(taken) < MAX_FILES and batch.size_bytes < BATCH_BYTES:
                path, *files = files
                try:
                    with path.open("rb") as file:
                        verdict = batch.add(iter(lambda: file.read(BLOCK), b""))
                except OSError as error:
                    # Gone again, or not ours to read: the next look will tell.
                    log.warning("file.unreadable", error_type=type(error).__name__)
                    batch.items.pop()
                    continue
                taken.append((path, verdict))
            batch.commit()
        crashpoint("watch.committed")
        for path, verdict in taken:
            self._move(path, "" if verdict.is_stored else verdict.message, looked)
        return files

    def _take_zip(self, path: Path, looked: Looked) -> None:
        taken = Import(actor=self.actor, source=SOURCE)
        reasons = []
        try:
            taken.add_path(path)
            taken.commit()
        except ScanError as error:
            reasons.append(str(error))
        except DomainError as error:
            if error.status >= 500:
                raise
            reasons.append(f"{error.title} {error.detail}".strip())
        refused = [one for one in taken.outcomes if not one.verdict.is_stored]
        reasons += [f"{one.name}: {one.verdict.message}" for one in refused]
        self._move(path, "\n".join(reasons), looked)

    def _move(self, path: Path, reason: str, looked: Looked) -> None:
        place = self.folder / (FAILED if reason else DONE) / path.relative_to(self.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        target = _free(place)
        if reason:
            target.with_name(f"{target.name}.txt").write_text(f"{reason}\n", encoding="utf-8")
            looked.failed += 1
        else:
            looked.stored += 1
        path.replace(target)
        self._seen.pop(path, None)


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
