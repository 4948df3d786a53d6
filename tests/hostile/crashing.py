"""Portals whose processes die at a named mark (`common.crashpoint`), and clients that do not give up."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from redis import Redis

from config.env import ROOT
from tests.factories.portal import Portal
from tests.factories.studies import make_files
from tests.hostile import ledger
from tests.hostile.running import Running
from tests.servers.process import running

# Every mark of the code, by the process that dies there.
IN_WEB = ("intake.staged", "intake.synced", "intake.written", "intake.committed")
IN_WORKER = ("outbox.leased", "prepare.stored", "outbox.handled", "objects.doomed")
IN_SWEEP = ("sweep.listed",)
# tests/compliance/retention/test_kills.py
IN_RETENTION = ("retention.dooming", "destroy.removed", "retention.removed")
# tests/vault/test_barrier_kills.py
IN_BARRIER = (
    "barrier.epoch-created",
    "barrier.rewrapped",
    "barrier.manifested",
    "barrier.escrow-replaced",
    "barrier.key-removed",
    "barrier.key-destroyed",
    "removal.measured",
    "removal.removed",
    "removal.gone",
    "removal.certified",
)
# tests/config/test_destruction_proof.py
IN_RESTORE = ("restore.keys-back", "restore.objects-back", "restore.database-back", "restore.replayed")
# Killed in tests/pacs/dimse/test_judges.py and, before the files are moved, in tests/pacs/intake/test_watching.py.
IN_GATEWAY = ("gateway.written", "gateway.synced", "gateway.spooled", "gateway.answered", "gateway.removed")
IN_WATCH = ("watch.committed",)
# tests/pacs/services/test_split_kills.py
IN_SPLIT = ("split.staged", "split.written")
IN_SEQUENCER = ("audit.leaves-written", "audit.head-moved")
IN_ANALYSES = ("inference.begun", "inference.looked", "inference.sealed", "inference.settled")

# What Celery says of a child that was killed.
_KILLED = "SIGKILL"
_PATIENCE_S = 120
_A_TASK_S = 3
# A worker is watched for no more at a time.
_KILLS_AT_ONCE = 10
_SETTLE = """
from django.core.management import call_command
call_command("create_tenant", "Hostile Imaging")
call_command(
    "create_token", "--tenant=hostile-imaging", "--name=test", "--scope=dicomweb.read", "--scope=dicomweb.write"
)
"""


def settle(portal: Portal) -> Running:
    """Prepare a portal with a tenant and its token; nothing serves yet."""
    portal.prepare()
    slug, token = portal.manage("shell", "--verbosity=0", "--command", _SETTLE).split()
    return Running(portal, slug, token)


def armed(portal: Portal, mark: str) -> Portal:
    """Return the same portal, with processes that die at a mark."""
    addresses = {**portal.addresses, "BITEWING_CRASH_AT": mark}
    return replace(portal, addresses=addresses, _running=ExitStack(), web=None)


def becomes_true(holds: Callable[[], bool], *, tasks: int = 0) -> bool:
    """Ask until the answer is yes, or patience ends, which is longer when many tasks wait."""
    deadline = time.monotonic() + _PATIENCE_S + _A_TASK_S * tasks
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def flush_redis(portal: Portal) -> None:
    """Let Redis forget everything, where there is one."""
    url = portal.addresses.get("BITEWING_REDIS_URL")
    if url:
        with Redis.from_url(url) as broker:
            broker.flushdb()


# --- the web ----------------------------------------------------------------------------------------------------------


@contextmanager
def serving(site: Running) -> Iterator[Running]:
    """Run the web server alone until the block ends."""
    try:
        site.portal.start(with_worker=False)
        yield site
    finally:
        site.portal.stop()


@dataclass
class Client:
    """Sends small studies, each until it is acknowledged, whatever happens to the server."""

    site: Running
    slices: int
    broken: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def store_all(self, seeds: Sequence[str], *, at_once: int = 1) -> None:
        """Send the studies of the seeds."""
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self._insist, seeds))

    def _insist(self, seed: str) -> None:
        if not becomes_true(lambda: self._is_acknowledged(seed)):
            raise AssertionError(f"{seed} was never acknowledged")

    def _is_acknowledged(self, seed: str) -> bool:
        try:
            return self.site.store(*make_files(seed, self.slices)) == 200
        except httpx.TransportError:
            self._revive()
            return False

    def _revive(self) -> None:
        """Start the server again where it did not do so itself."""
        with self._lock:
            self.broken += 1
            web = self.site.portal.web
            if web is not None and web.poll() is not None:
                self.site.portal.start(with_worker=False)


def upload_across(site: Running, mark: str, seeds: Sequence[str], *, slices: int, turn: int, at_once: int = 1) -> int:
    """Upload to a server that dies whenever a process passes a mark for the n-th time; return how often lines broke."""
    with serving(replace(site, portal=armed(site.portal, f"{mark}:{turn}"))) as dying:
        client = Client(dying, slices)
        client.store_all(seeds, at_once=at_once)
    return client.broken


# --- the worker -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worker:
    """A worker, which dies whole on embedded defaults, and child by child under Celery."""

    process: subprocess.Popen[bytes]
    log: Path

    def is_over(self) -> bool:
        """Say whether it ended."""
        return self.process.poll() is not None

    def count_killed(self) -> int:
        """Return how many of its processes were killed so far."""
        return int(self.is_over()) + self.log.read_text().count(_KILLED)


@contextmanager
def working(portal: Portal) -> Iterator[Worker]:
    """Run a worker until the block ends."""
    log = portal.folder / f"worker-{time.monotonic_ns()}.log"
    command = [sys.executable, str(ROOT / "manage.py"), "worker"]
    with running(command, is_ready=lambda: True, log=log, environment=portal.environment) as process:
        yield Worker(process, log)


def work_across(portal: Portal, mark: str, *, turn: int, kills: int) -> int:
    """Run workers that die at a mark until so many were killed, or nothing is left to do; return how many were."""
    killed = 0
    while killed < kills and ledger.count_waiting(portal):
        ledger.run_out(portal)
        with working(armed(portal, f"{mark}:{turn}")) as worker:
            killed += _watch(portal, worker, min(kills - killed, _KILLS_AT_ONCE))
    return killed


def _watch(portal: Portal, worker: Worker, kills: int) -> int:
    def is_enough() -> bool:
        ledger.run_out(portal)
        return worker.is_over() or worker.count_killed() >= kills or not ledger.count_waiting(portal)

    assert becomes_true(is_enough)
    return worker.count_killed()


def work_through(portal: Portal) -> bool:
    """Run a worker that nothing happens to until all is done; say whether it came to that."""
    ledger.run_out(portal)

    def is_done() -> bool:
        ledger.hasten(portal)
        return not ledger.count_waiting(portal)

    with working(portal):
        return becomes_true(is_done, tasks=ledger.count_waiting(portal))


# --- the sweep --------------------------------------------------------------------------------------------------------


def sweep_across(portal: Portal, mark: str) -> None:
    """Sweep in a process that dies at a mark."""
    armed(portal, mark).manage("shell", "--verbosity=0", "--command", ledger.SWEEP, statuses=(-9,))
