"""The targets for speed, on one core; only in `make soak`, since a busy machine says nothing."""

import statistics
import time
from collections.abc import Callable

import pytest

from tests.vault.builders import make_content, reader, stage
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.storage.file import FileStorage
from vault.writer import ObjectWriter

pytestmark = pytest.mark.soak
FRAME = make_content(524_288)
ROUNDS = 300


class Nowhere:
    """A sink that costs nothing, so that only sealing and hashing is measured."""

    def write(self, data: object) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def seconds(action: Callable[[], object], clock: Callable[[], float]) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        begin = clock()
        action()
        taken.append(clock() - begin)
    return taken


def test_a_core_seals_and_hashes_400_mb_a_second(
    store: FileStorage, key: KeyHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "create", lambda _key: Nowhere())

    def seal() -> None:
        writer = ObjectWriter(key=key, kind=ObjectKind.DICOM, storage=store)
        writer.write(FRAME)
        writer.finish()

    assert len(FRAME) / statistics.median(seconds(seal, time.process_time)) >= 400e6


def test_a_frame_of_512_kib_is_read_within_a_millisecond(store: FileStorage, key: KeyHandle) -> None:
    staged = stage(store, key, FRAME)

    taken = seconds(lambda: reader(store, key, staged).read(0, len(FRAME)), time.perf_counter)

    assert statistics.median(taken) <= 0.001
