"""Files of one request or association: staged one by one, made durable and committed together."""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass
from functools import cache, partial
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from accounts import access
from common.actor import Actor
from common.crashpoint import crashpoint
from pacs.dicom.errors import DirectoryError, NotDicomError, ScanError
from pacs.dicom.oddities import list_oddities
from pacs.dicom.scan import Head, Scan, Scanner
from pacs.errors import OtherStudyThanAddressedError
from pacs.intake import store
from pacs.intake.arriving import Arrivals
from pacs.intake.verdicts import FailureReason, Status, Verdict
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.writer import ObjectWriter, StagedObject

# One key for what has no readable header, so that not even refused bytes lie in clear.
QUARANTINE_KEY = "quarantine"
# Files up to this size wait until their studies' keys are asked for together, as many as this.
SMALL_BYTES: Final = 65_536
_MAX_SMALL_BYTES: Final = 4 << 20

KeyFinder = Callable[[Sequence[str]], dict[str, KeyHandle]]


@dataclass(slots=True)
class Item:
    """One file of the batch on its way."""

    verdict: Verdict
    scan: Scan | None = None
    staged: StagedObject | None = None
    key: KeyHandle | None = None


@dataclass(frozen=True, slots=True)
class _Small:
    """A file that is here as a whole and was scanned up to its pixels at least."""

    item: Item
    scanner: Scanner
    blocks: list[bytes]


class Batch:
    """Take files as streams, then commit them in one transaction.

    `add` needs no database transaction and holds at most the header of a file, and small files as a whole; `commit`
    answers one verdict for each file, in order, and when it returns every stored object is durable and its rows are
    committed.
    """

    def __init__(
        self,
        *,
        actor: Actor,
        source: str,
        study_instance_uid: str | None = None,
        caller: str = "",
        keys_of_studies: KeyFinder | None = None,
    ) -> None:
        access.require(actor, "study.upload")
        self.actor = actor
        self.source = source
        self.caller = caller
        self.expected_study_uid = study_instance_uid
        self.items: list[Item] = []
        self._keys: dict[str, KeyHandle] = {}
        self._keys_of_studies = keys_of_studies or partial(_find_keys, actor.tenant_id)
        self._small: list[_Small] = []
        self._small_bytes = 0
        # By the id of what is on its way to the disk, or there.
        self._syncing: dict[UUID, futures.Future[None]] = {}

    @classmethod
    def joined(cls, batches: "Sequence[Batch]") -> Self:
        """Return one batch of the files of several, which come from the same actor and share their keys."""
        first = batches[0]
        whole = cls(actor=first.actor, source=first.source, caller=first.caller)
        for batch in batches:
            whole.items += batch.items
            whole._keys |= batch._keys
            whole._syncing |= batch._syncing
        return whole

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.abort()

    @property
    def size_bytes(self) -> int:
        """Bytes taken so far."""
        return self._small_bytes + sum(item.staged.plain_size for item in self.items if item.staged)

    def add(self, blocks: "Iterable[bytes | memoryview]") -> Verdict:
        """Scan, seal and stage one file; what ails a small one is known when it is sealed.

        Raises
        ------
        StorageFullError, UnavailableError
            When the store cannot take it; the batch must then be aborted.
        """
        item = Item(Verdict(Status.STORED))
        self.items.append(item)
        stream = iter(blocks)
        scanner = Scanner()
        held: list[bytes | memoryview] = []
        try:
            for block in stream:
                held.append(block)
                scanner.feed(block)
                if scanner.head is not None:
                    break
                # It may be gone when the next one comes.
                held[-1] = bytes(block)
            else:
                item.scan = scanner.finish()
        except ScanError as error:
            self._refuse(item, error)
            is_dicom = not isinstance(error, NotDicomError | DirectoryError)
            self._quarantine(item, itertools.chain(held, stream), is_dicom=is_dicom)
            return item.verdict
        head = item.scan.head if item.scan else scanner.head
        assert head is not None
        self._identify(item.verdict, head)
        if sum(map(len, held)) > SMALL_BYTES:
            self._seal(item, scanner, held, stream)
            return item.verdict
        whole = [bytes(block) for block in held]
        following = next(stream, None)
        if following is None:
            self._put_aside(_Small(item, scanner, whole))
        else:
            self._seal(item, scanner, whole, itertools.chain((following,), stream))
        return item.verdict

    def _put_aside(self, small: _Small) -> None:
        self._small.append(small)
        self._small_bytes += sum(map(len, small.blocks))
        if self._small_bytes > _MAX_SMALL_BYTES:
            self.seal()

    def seal(self) -> None:
        """Seal and stage the small files that wait; the keys of their studies are one question.

        Raises
        ------
        StorageFullError, UnavailableError
            As `add`.
        """
        waiting, self._small, self._small_bytes = self._small, [], 0
        self._find([small.item.verdict.study_instance_uid for small in waiting])
        for small in waiting:
            self._seal(small.item, small.scanner, small.blocks, iter(()))

    def _seal(
        self, item: Item, scanner: Scanner, held: Sequence[bytes | memoryview], rest: "Iterator[bytes | memoryview]"
    ) -> None:
        """Seal the whole file under its study's key while the scanner watches what follows the header."""
        item.key = self._key(item.verdict.study_instance_uid)
        with _Writing(item.key, ObjectKind.DICOM) as writer:
            for block in held:
                writer.write(block)
            error = self._scan_rest(item, scanner, writer, rest)
            item.staged = writer.finish()
        item.verdict.size_bytes = item.staged.plain_size
        if error is not None:
            self._refuse(item, error)
            item.verdict.status = Status.QUARANTINED
        elif self.expected_study_uid not in (None, item.verdict.study_instance_uid):
            item.verdict.refuse(Status.QUARANTINED, OtherStudyThanAddressedError(), FailureReason.STUDY_MISMATCH)

    @staticmethod
    def _scan_rest(
        item: Item, scanner: Scanner, writer: ObjectWriter, rest: "Iterator[bytes | memoryview]"
    ) -> ScanError | None:
        """Write what is left; return why the file is refused, having kept all of its bytes for quarantine."""
        failed: ScanError | None = None
        for block in rest:
            writer.write(block)
            if failed is None:
                try:
                    scanner.feed(block)
                except ScanError as error:
                    failed = error
        if failed is None and item.scan is None:
            try:
                item.scan = scanner.finish()
            except ScanError as error:
                failed = error
        return failed

    def _quarantine(self, item: Item, blocks: "Iterator[bytes | memoryview]", *, is_dicom: bool) -> None:
        """Keep what is recognisably DICOM; read the rest of anything else so that the next part can begin."""
        if not is_dicom:
            for block in blocks:
                item.verdict.size_bytes += len(block)
            return
        item.key = self._key(QUARANTINE_KEY)
        with _Writing(item.key, ObjectKind.QUARANTINE) as writer:
            for block in blocks:
                writer.write(block)
            item.staged = writer.finish()
        item.verdict.size_bytes = item.staged.plain_size
        item.verdict.status = Status.QUARANTINED

    def _key(self, name: str) -> KeyHandle:
        self._find([name])
        return self._keys[name]

    def _find(self, names: Sequence[str]) -> None:
        missing = [name for name in dict.fromkeys(names) if name not in self._keys]
        if missing:
            self._keys |= self._keys_of_studies(missing)

    @property
    def key_names(self) -> frozenset[str]:
        """Studies whose keys sealed what is in it."""
        return frozenset(self._keys)

    @staticmethod
    def _identify(verdict: Verdict, head: Head) -> None:
        verdict.study_instance_uid = head.study_instance_uid
        verdict.series_instance_uid = head.series_instance_uid
        verdict.sop_class_uid = head.sop_class_uid
        verdict.sop_instance_uid = head.sop_instance_uid
        if head.preamble_note:
            verdict.notes.append(f"The preamble is not DICOM's own ({head.preamble_note}).")
        verdict.notes += list_oddities(head.json)

    @staticmethod
    def _refuse(item: Item, error: ScanError) -> None:
        item.verdict.refuse(Status.REFUSED, error, FailureReason.of(error.code))

    def sync_soon(self) -> None:
        """Let the disk begin, in a thread, while the statements of the commit run.

        Raises
        ------
        StorageFullError, UnavailableError
            As `seal`.
        """
        self.seal()
        staged = [one for one in self._staged if one.id not in self._syncing]
        if staged:
            self._syncing |= dict.fromkeys((one.id for one in staged), _syncers().submit(vault.sync, staged))

    def sync(self) -> None:
        """Return once all of it is on the disk.

        Raises
        ------
        StorageFullError, UnavailableError
            As `seal`, or what the disk said.
        """
        self.sync_soon()
        for under_way in set(self._syncing.values()):
            under_way.result()
        crashpoint("intake.synced")

    @property
    def _staged(self) -> list[StagedObject]:
        return [item.staged for item in self.items if item.staged]

    def commit(self, note: store.Note | None = None) -> list[Verdict]:
        """Make everything durable, then write rows, outbox and audit in one transaction, and what `note` adds to it."""
        try:
            return self.try_commit(note)
        except BaseException as error:
            self.abort(after=error)
            raise

    def try_commit(self, note: store.Note | None = None, *, arrivals: Arrivals | None = None) -> list[Verdict]:
        """Commit as `commit` does, but keep what was staged when it fails: the caller tries otherwise, or aborts."""
        self.seal()
        crashpoint("intake.staged")
        store.commit(
            actor=self.actor,
            source=self.source,
            items=self.items,
            keys=list(self._keys.values()),
            caller=self.caller,
            arrivals=arrivals,
            ready=self.sync,
            note=note,
        )
        crashpoint("intake.committed")
        vault.discard([item.staged for item in self.items if item.staged and item.verdict.status is Status.DUPLICATE])
        return [item.verdict for item in self.items]

    def abort(self, *, after: BaseException | None = None) -> None:
        """Remove what was staged, unless the error leaves open whether it is visible."""
        # Nobody may remove what a thread still works on.
        futures.wait(self._syncing.values())
        vault.discard(self._staged, after=after)
        for item in self.items:
            item.staged = None


def _find_keys(tenant_id: UUID, names: Sequence[str]) -> dict[str, KeyHandle]:
    return vault.keys_for(tenant_id=tenant_id, names=names)


@cache
def _syncers() -> futures.ThreadPoolExecutor:
    # As many as batches that are under way at a time in one process.
    return futures.ThreadPoolExecutor(64, thread_name_prefix="sync")


os.register_at_fork(after_in_child=_syncers.cache_clear)


class _Writing:
    """An object writer that removes what it wrote when the stream breaks off."""

    def __init__(self, key: KeyHandle, kind: ObjectKind) -> None:
        self.writer = vault.stage(key=key, kind=kind)

    def __enter__(self) -> ObjectWriter:
        return self.writer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.writer.abort()
