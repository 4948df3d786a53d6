"""What is measured, phase by phase: each server in turn, each answer checked.

A phase returns its figures by metric; `metrics` says what they mean.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from tooling.bench import checks
from tooling.bench.client import Answer, Connection, new_buffer
from tooling.bench.processes import wait_until_idle
from tooling.bench.queries import Query, all_queries
from tooling.bench.studies import BOUNDARY, SLICES, Slice, Study, body_of, gathered, make_cbct, make_tiny, relabelled
from tooling.bench.targets import DICOM_JSON, FRAMES, SERIES, Target

T = TypeVar("T")
Figures = dict[str, list[float]]
Measure = Callable[["Work", Target, int], Figures]

_MB = 1e6
_MS = 1e3
_STOW = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}', "Accept": DICOM_JSON}
# More than the outbox waits before it prepares a series.
_SETTLE_S = 2.0
_READS = 60
_AGAIN = 10
_TINY_PER_REQUEST = 50
# Each of the studies is prepared, looked at and told of by itself.
_TINY_S = 600
# Numbers of the studies of each way to store; there are never a hundred repeats.
_NUMBERS = {"one": 100, "four": 200, "dimse_1": 300, "dimse_4": 400, "multi_frame": 500, "arriving": 600}


@dataclass
class Work:
    """What all servers get to do."""

    repeats: int
    number_of_tiny: int
    cbct: Study = field(default_factory=make_cbct)
    buffer: bytearray = field(default_factory=lambda: new_buffer(256 << 20), repr=False)

    @cached_property
    def tiny(self) -> list[Study]:
        return make_tiny(self.number_of_tiny)

    @cached_property
    def multi_frame(self) -> Study:
        return gathered(self.cbct)

    @cached_property
    def queries(self) -> list[Query]:
        return all_queries(self.tiny)

    @cached_property
    def whole(self) -> list[Study]:
        """All studies that are read, first the one that is read most."""
        return [*self.kept, *(self.study("one", repeat) for repeat in range(self.repeats - 1))]

    @cached_property
    def kept(self) -> tuple[Study, Study]:
        """The studies that stay for the reading phases: the last of both ways to store."""
        return self.study("one", self.repeats - 1), self.study("four", self.repeats - 1)

    def study(self, way: str, repeat: int) -> Study:
        """Return the study to store by a way, in a repeat."""
        return self.relabelled(self.cbct, way, repeat)

    def relabelled(self, study: Study, way: str, repeat: int) -> Study:
        """Return a study under the UIDs of a way and a repeat."""
        return relabelled(study, _NUMBERS[way] + repeat)

    def is_last(self, repeat: int) -> bool:
        return repeat == self.repeats - 1


@dataclass(frozen=True)
class Phase:
    """A measurement.

    With `is_once` it is not repeated, because the server then knows the answer already; `is_repeated_always` says that
    later phases need what each repeat leaves behind, and that even a slow server has to go through all of them.
    """

    name: str
    measure: Measure
    is_once: bool = False
    is_repeated_always: bool = False


def store_one(work: Work, target: Target, repeat: int) -> Figures:
    """Store a volume by one request, and read its metadata at once, before anything could be prepared.

    Not those of the study that stays: they are read for the first time when they lie ready.
    """
    study = work.study("one", repeat)
    with target.connect(work.buffer) as connection:
        answer = store(connection, target, study.slices)
        checks.require_stored(answer, SLICES)
        figures = {"stow_one": [study.size / _MB / answer.total_s]}
        if not work.is_last(repeat):
            figures["metadata_at_once"] = [_metadata(connection, target, study).total_s * _MS]
        figures |= _finish(work, target, connection, study, repeat)
    return figures


def store_four(work: Work, target: Target, repeat: int) -> Figures:
    """Store a volume by 25 requests of 16 instances, four at once."""
    study = work.study("four", repeat)
    batches = [study.slices[begin : begin + 16] for begin in range(0, SLICES, 16)]
    took = _store_at_once(target, batches)
    with target.connect(work.buffer) as connection:
        deleting = _finish(work, target, connection, study, repeat)
    return {"stow_four": [study.size / _MB / took], **deleting}


def store_tiny(work: Work, target: Target, _repeat: int) -> Figures:
    """Store many studies of one slice, 50 a request, four at once."""
    slices = [study.slices[0] for study in work.tiny]
    batches = [tuple(slices[i : i + _TINY_PER_REQUEST]) for i in range(0, len(slices), _TINY_PER_REQUEST)]
    took = _store_at_once(target, batches)
    wait_until_idle([target.pids], timeout_s=_TINY_S)
    return {"tiny": [len(slices) / took]}


def metadata(work: Work, target: Target, _repeat: int) -> Figures:
    """Read the metadata of series that lie ready: for the first time, and again."""
    figures: Figures = {"metadata_first": [], "metadata_again": [], "metadata_kb": []}
    for study in work.kept:
        with target.connect(work.buffer) as connection:
            first = _metadata(connection, target, study)
            figures["metadata_first"].append(first.total_s * _MS)
            figures["metadata_kb"].append(len(first.body) / 1e3)
            again = [_metadata(connection, target, study).total_s * _MS for _ in range(_AGAIN)]
            figures["metadata_again"].append(statistics.median(again))
    return figures


def one_frame(work: Work, target: Target, repeat: int) -> Figures:
    """Read single frames, one after the other, here and there in the volume."""
    study = work.kept[0]
    with target.connect() as connection:
        indices = [(repeat * 17 + step * 149) % SLICES for step in range(_READS)]
        took = [_frame(connection, target, study, index).total_s * _MS for index in indices]
    return {"frame": [statistics.median(took)]}


def frames_on_eight(work: Work, target: Target, _repeat: int) -> Figures:
    """Read all frames over eight connections that are open."""
    study = work.kept[0]

    def warm(connection: Connection) -> None:
        _frame(connection, target, study, 0)

    took = _each_frame(target, study, connections=8, before=warm)
    return {"frames_8": [SLICES / took]}


def volume_on_six(work: Work, target: Target, _repeat: int) -> Figures:
    """Read a volume as a browser does: metadata, then all frames over six fresh connections."""
    study = work.kept[0]
    with target.connect(work.buffer) as connection:
        begun = _metadata(connection, target, study).total_s
    return {"volume": [begun + _each_frame(target, study, connections=6)]}


def whole_series(work: Work, target: Target, _repeat: int) -> Figures:
    """Read a series as one answer."""
    study = work.kept[0]
    with target.connect(work.buffer) as connection:
        answer = connection.get(target.series_path(study), SERIES)
        checks.require_series(answer, study)
    return {"series": [study.size / _MB / answer.total_s]}


def whole_zip(work: Work, target: Target, _repeat: int) -> Figures:
    """Read a study as a ZIP."""
    study = work.kept[0]
    path = target.zip_path(study)
    with target.connect(work.buffer) as connection:
        answer = connection.get(path, "application/zip")
        checks.require_zip(answer, study)
    return {"zip": [study.size / _MB / answer.total_s], "zip_first_byte": [answer.first_byte_s * _MS]}


def whole_zip_deflated(work: Work, target: Target, _repeat: int) -> Figures:
    """Read a study as a deflated ZIP."""
    if target.deflated_zip_path is None:
        return {}
    study = work.kept[0]
    path = target.deflated_zip_path(study)
    with target.connect(work.buffer) as connection:
        answer = connection.get(path, "application/zip")
        checks.require_zip(answer, study)
    return {"zip_deflated": [study.size / _MB / answer.total_s]}


def search(work: Work, target: Target, _repeat: int) -> Figures:
    """Search among the tiny studies."""
    took: Figures = {}
    with target.connect(work.buffer) as connection:
        for query in work.queries:
            answer = connection.get(query.path(target.root), DICOM_JSON)
            checks.require_found(answer, query)
            took.setdefault(query.metric, []).append(answer.total_s * _MS)
    return {metric: [statistics.median(values)] for metric, values in took.items()}


STORING = (
    Phase("store_one", store_one, is_repeated_always=True),
    Phase("store_four", store_four, is_repeated_always=True),
)
READING = (
    Phase("metadata", metadata, is_once=True),
    Phase("one_frame", one_frame),
    Phase("frames_on_eight", frames_on_eight),
    Phase("volume_on_six", volume_on_six),
    Phase("whole_series", whole_series),
    Phase("whole_zip", whole_zip),
    Phase("whole_zip_deflated", whole_zip_deflated),
)
SEARCHING = (
    Phase("store_tiny", store_tiny, is_once=True),
    Phase("search", search),
)


def store(connection: Connection, target: Target, slices: tuple[Slice, ...]) -> Answer:
    """Store files by one request."""
    pieces, length = body_of(slices)
    # Only the bare application reads how many there are: it does not look for boundaries.
    headers = {**_STOW, "X-Instances": str(len(slices))}
    return connection.request("POST", f"{target.root}/studies", headers, pieces, length)


def _store_at_once(target: Target, batches: list[tuple[Slice, ...]]) -> float:
    def store_batch(connection: Connection, batch: tuple[Slice, ...]) -> None:
        checks.require_stored(store(connection, target, batch), len(batch))

    return _shared_out(target, batches, store_batch, connections=4)


def _finish(work: Work, target: Target, connection: Connection, study: Study, repeat: int) -> Figures:
    """Remove the study before the server prepares it; the last stays, and what it causes is waited for."""
    if work.is_last(repeat):
        settle(target)
        return {}
    return {"delete": [delete(target, connection, study).total_s * _MS]}


def remove(work: Work, target: Target, connection: Connection, study: Study, repeat: int) -> None:
    """Remove a study that no later phase needs; what it caused is waited for once."""
    delete(target, connection, study)
    if work.is_last(repeat):
        settle(target)


def settle(target: Target) -> None:
    """Wait until a server has done what it does behind the answers."""
    time.sleep(_SETTLE_S)
    wait_until_idle([target.pids])


def delete(target: Target, connection: Connection, study: Study) -> Answer:
    """Remove a study."""
    path = target.delete_path(study)
    answer = connection.request("DELETE", path, {})
    checks.require_status(answer, 200, 204)
    return answer


def _metadata(connection: Connection, target: Target, study: Study) -> Answer:
    connection.open()
    answer = connection.get(f"{target.series_path(study)}/metadata", DICOM_JSON, Accept_Encoding="gzip")
    checks.require_metadata(answer, study)
    return answer


def _frame(connection: Connection, target: Target, study: Study, index: int) -> Answer:
    answer = connection.get(target.frame_path(study, index), FRAMES)
    checks.require_frame(answer, study.slices[index])
    return answer


def _each_frame(
    target: Target, study: Study, *, connections: int, before: Callable[[Connection], None] | None = None
) -> float:
    def read(connection: Connection, index: int) -> None:
        _frame(connection, target, study, index)

    return _shared_out(target, range(SLICES), read, connections=connections, before=before)


def _shared_out(
    target: Target,
    tasks: Iterable[T],
    do: Callable[[Connection, T], None],
    *,
    connections: int,
    before: Callable[[Connection], None] | None = None,
) -> float:
    """Do tasks over several connections, each taking the next when it is free; return the seconds that all took."""
    # A list's iterator gives each task to one thread.
    waiting = iter(list(tasks))

    def work_off(connection: Connection) -> None:
        for task in waiting:
            do(connection, task)

    with ExitStack() as stack, ThreadPoolExecutor(connections) as pool:
        opened = [stack.enter_context(target.connect()) for _ in range(connections)]
        if before is not None:
            list(pool.map(before, opened))
        return timed(lambda: list(pool.map(work_off, opened)))


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
