"""Derivatives keep up with a scanner: how long after its last instance a study lies ready while another one arrives."""

import threading
import time

from tooling.bench import checks
from tooling.bench.client import Connection
from tooling.bench.phases import Figures, Phase, Work, store
from tooling.bench.processes import wait_until_idle
from tooling.bench.studies import Study
from tooling.bench.targets import DICOM_JSON, OURS, Target

_BATCH = 8
_POLL_S = 0.1
_TIMEOUT_S = 120.0


def keep_up(work: Work, target: Target, repeat: int) -> Figures:
    """Store a volume, and another one behind it; measure from the last instance of the first until it lies ready."""
    if target.name not in OURS:
        return {}
    first, second = work.study("arriving", 2 * repeat), work.study("arriving", 2 * repeat + 1)
    is_ready = threading.Event()
    with target.connect(work.buffer) as connection:
        send(connection, target, first)
        last = time.perf_counter()
        other = threading.Thread(target=_send_beside, args=(target, second, is_ready))
        other.start()
        try:
            _wait(connection, target, first)
            took = time.perf_counter() - last
        finally:
            is_ready.set()
            other.join()
        wait_until_idle([target.pids])
        for study in (first, second):
            checks.require_status(connection.request("DELETE", target.delete_path(study), {}), 204)
    return {"viewable": [took]}


def _send_beside(target: Target, study: Study, is_enough: threading.Event) -> None:
    with target.connect() as connection:
        send(connection, target, study, is_enough)


def send(connection: Connection, target: Target, study: Study, is_enough: threading.Event | None = None) -> None:
    """Store a study in small requests, as a scanner does, until all of it is there or it is enough."""
    for begin in range(0, len(study.slices), _BATCH):
        if begin and is_enough is not None and is_enough.is_set():
            return
        slices = study.slices[begin : begin + _BATCH]
        checks.require_stored(store(connection, target, slices), len(slices))


def _wait(connection: Connection, target: Target, study: Study) -> None:
    """Wait for the entity tag that only metadata have which lie ready: with them, preview and thumbnail do."""
    deadline = time.perf_counter() + _TIMEOUT_S
    while time.perf_counter() < deadline:
        answer = connection.get(f"{target.series_path(study)}/metadata", DICOM_JSON, Accept_Encoding="gzip")
        if "etag" in answer.headers:
            checks.require_metadata(answer, study)
            return
        time.sleep(_POLL_S)
    raise checks.WrongAnswerError(f"the study was not ready after {_TIMEOUT_S:.0f} s")


PHASES = (Phase("arriving", keep_up, is_repeated_always=True),)
