"""Watching studies until they lie ready."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tooling.bench import checks
from tooling.bench.capacity.observed import LOST, Observed
from tooling.bench.capacity.schedule import Kind
from tooling.bench.client import Connection
from tooling.bench.studies import Study
from tooling.bench.targets import DICOM_JSON, Target

LAG = "{}_lag"
_POLL_S = 0.1


@dataclass
class Watch:
    """The studies that are waited for, and by kind those that are ready."""

    observed: Observed
    ready: dict[Kind, list[Study]]
    _waiting: list[tuple[Kind, Study, float]] = field(default_factory=list)

    def add(self, kind: Kind, study: Study) -> None:
        """Watch a study whose last instance was answered just now."""
        self._waiting.append((kind, study, time.perf_counter()))

    def wait(self, timeout_s: float) -> None:
        """Wait until all are ready; one that is not in time is a failure."""
        deadline = time.perf_counter() + timeout_s
        while self._waiting and time.perf_counter() < deadline:
            time.sleep(_POLL_S)
        self.observed.failures += [
            f"a {kind} was not ready after {timeout_s:.0f} s" for kind, *_ in list(self._waiting)
        ]

    def look(self, target: Target, connection: Connection) -> None:
        """Ask once for each that is waited for."""
        for one in list(self._waiting):
            kind, study, since = one
            if is_ready(target, connection, study):
                self.observed.took_s[LAG.format(kind)].append(time.perf_counter() - since)
                self.ready[kind].append(study)
                self._waiting.remove(one)


def is_ready(target: Target, connection: Connection, study: Study) -> bool:
    """Ask for the entity tag that only metadata have which lie ready: with them, preview and thumbnail do.

    By HEAD, for which nothing is read from the store or put together.
    """
    answer = connection.request("HEAD", f"{target.series_path(study)}/metadata", {"Accept": DICOM_JSON})
    checks.require_status(answer, 200)
    return "etag" in answer.headers


@contextmanager
def watching(target: Target, watch: Watch) -> Iterator[None]:
    """Look again and again, in a thread of its own, while the block runs."""
    is_over = threading.Event()

    def look() -> None:
        with target.connect() as connection:
            while not is_over.wait(_POLL_S):
                try:
                    watch.look(target, connection)
                except LOST as error:
                    watch.observed.failures.append(f"metadata: {error}")
                    connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
