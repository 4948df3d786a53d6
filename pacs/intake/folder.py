"""Import of a file or folder: walked in order, handed to batches of bounded size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from common.actor import Actor
from common.errors import DomainError
from pacs.intake.archive_source import iterate_zip, looks_like_zip
from pacs.intake.batch import Batch
from pacs.intake.disc_source import HEAD_BYTES, iterate_disc, looks_like_disc
from pacs.intake.verdicts import FailureReason, Status, Verdict

BATCH_FILES = 500
BATCH_BYTES = 128 * 1024 * 1024
BLOCK = 1024 * 1024


@dataclass(slots=True)
class Outcome:
    """The verdict on one file, by its name relative to what was imported."""

    name: str
    verdict: Verdict


@dataclass(slots=True)
class Import:
    """Reads sources and commits batches; `progress` is called with bytes read after each file."""

    actor: Actor
    source: str = "import"
    progress: Callable[[int], None] = lambda _count: None
    outcomes: list[Outcome] = field(default_factory=list)
    _batch: Batch | None = None
    _pending: list[str] = field(default_factory=list)

    def add_path(self, path: Path) -> None:
        """Take one file, ZIP, or image of a disc."""
        with path.open("rb") as file:
            self.add_file(path.name, file)
        self.progress(path.stat().st_size)

    def add_file(self, name: str, file: BinaryIO) -> None:
        """Take one file, ZIP, or image of a disc, that is open."""
        inside = files_inside(file)
        if inside is None:
            self._add(name, iter(partial(file.read, BLOCK), b""))
            return
        # What ails it costs no other.
        self.commit()
        for inner, blocks in inside:
            self._add(f"{name}/{inner}", blocks)

    def _add(self, name: str, blocks: Iterator[bytes]) -> None:
        if self._batch is None:
            self._batch = Batch(actor=self.actor, source=self.source)
        self._pending.append(name)
        try:
            self._batch.add(blocks)
        except BaseException:
            self.abort()
            raise
        if len(self._pending) >= BATCH_FILES or self._batch.size_bytes >= BATCH_BYTES:
            self.commit()

    def commit(self) -> None:
        """Commit what is pending."""
        if self._batch is None:
            return
        verdicts = self._batch.commit()
        self.outcomes += [Outcome(name, verdict) for name, verdict in zip(self._pending, verdicts, strict=True)]
        self._batch, self._pending = None, []

    def refuse(self, name: str, refusal: DomainError) -> None:
        """Note that a ZIP or an image of a disc cannot be taken."""
        verdict = Verdict(Status.REFUSED)
        verdict.refuse(Status.REFUSED, refusal, FailureReason.of(refusal.code))
        self.outcomes.append(Outcome(name, verdict))

    def abort(self) -> None:
        """Remove what is pending."""
        if self._batch is not None:
            self._batch.abort()
            self._batch, self._pending = None, []


def files_inside(file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]] | None:
    """Return the files of a ZIP or of the image of a disc, each read when its turn comes; None of anything else."""
    begin = file.read(HEAD_BYTES)
    file.seek(0)
    if looks_like_zip(begin):
        return iterate_zip(file)
    return iterate_disc(file) if looks_like_disc(begin) else None


def list_files(path: Path) -> list[Path]:
    """List the regular files under a path in a stable order; links are not followed."""
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink() and p.name != "DICOMDIR")
