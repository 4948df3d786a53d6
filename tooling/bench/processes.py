"""What servers use: memory and processor time of their processes, and how much of the machine strangers took."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # published without types

_EVERY_S = 0.2
# Less growth is not worth a look at each page.
_GROWTH = 1.01


def with_children(pids: Iterable[int]) -> list[int]:
    """Return the processes and all that they started, as far as they live."""
    found = list(dict.fromkeys(pids))
    children: dict[int, list[int]] = defaultdict(list)
    for pid, parent in _parents():
        children[parent].append(pid)
    for pid in found:
        found += [child for child in children[pid] if child not in found]
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """Yield each process and its parent, five times as fast as psutil, which asks for more."""
    for pid in psutil.pids():
        with suppress(OSError):
            _, _, state_and_parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
            yield pid, int(state_and_parent.split()[1])


def children_named(name: str) -> list[int]:
    """Return the children of this process that run a program of this name."""
    return [child.pid for child in psutil.Process().children() if child.name() == name]


def memory_bytes(pids: Iterable[int]) -> int:
    """Return the memory of the processes, a page that several share counted once (proportional set size).

    The system looks at each page for it: some milliseconds of processor time for each hundred megabytes.
    """
    return int(sum(_ask(pid, lambda process: process.memory_full_info().pss) for pid in with_children(pids)))


def resident_bytes(pids: Iterable[int]) -> int:
    """Return the resident memory of the processes, shared pages counted in each: the system just knows it."""
    return int(sum(_ask(pid, lambda process: process.memory_info().rss) for pid in with_children(pids)))


def cpu_s(pids: Iterable[int]) -> float:
    """Return the processor time that the processes have used so far."""
    return sum(_ask(pid, lambda process: sum(process.cpu_times()[:2])) for pid in with_children(pids))


def _ask(pid: int, question: Callable[[Any], float]) -> float:
    try:
        return question(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return 0.0


@dataclass
class Usage:
    """Of one server in one phase, all its repeats together."""

    peak_bytes: int = 0
    cpu_s: float = 0.0
    client_cpu_s: float = 0.0
    wall_s: float = 0.0
    others_s: float = 0.0

    @property
    def others_share(self) -> float:
        """Share of the machine that neither the server nor this client took: above a fifth, measure again."""
        return max(0.0, self.others_s) / (self.wall_s * psutil.cpu_count()) if self.wall_s else 0.0


@contextmanager
def watched(pids: tuple[int, ...], usage: Usage) -> Iterator[None]:
    """Add what a server uses while the block runs."""
    over = threading.Event()
    usage.peak_bytes = max(usage.peak_bytes, memory_bytes(pids))
    largest = resident_bytes(pids)

    def sample() -> None:
        nonlocal largest
        while not over.wait(_EVERY_S):
            # Who looks at every page takes from the servers what it measures: only when there are more than ever.
            resident = resident_bytes(pids)
            if resident > largest * _GROWTH:
                largest = resident
                usage.peak_bytes = max(usage.peak_bytes, memory_bytes(pids))

    sampler = threading.Thread(target=sample, daemon=True)
    before = (time.perf_counter(), cpu_s(pids), _client_s(), _busy_s())
    sampler.start()
    try:
        yield
    finally:
        after = (time.perf_counter(), cpu_s(pids), _client_s(), _busy_s())
        over.set()
        sampler.join()
    usage.peak_bytes = max(usage.peak_bytes, memory_bytes(pids))
    wall, server, client, busy = (end - start for start, end in zip(before, after, strict=True))
    usage.wall_s += wall
    usage.cpu_s += server
    usage.client_cpu_s += client
    usage.others_s += busy - server - client


def _client_s() -> float:
    """Return the processor time of this process, and of clients that it has started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def wait_until_idle(groups: Iterable[tuple[int, ...]], *, quiet_s: float = 1.0, timeout_s: float = 150) -> None:
    """Wait until servers have finished what they do after a request, by the processor time that they use."""
    pids = [pid for group in groups for pid in group]
    deadline = time.monotonic() + timeout_s
    used = cpu_s(pids)
    while time.monotonic() < deadline:
        time.sleep(quiet_s)
        before, used = used, cpu_s(pids)
        if used - before < 0.1 * quiet_s:
            return
    raise TimeoutError(f"the servers are still busy after {timeout_s:.0f} s")
