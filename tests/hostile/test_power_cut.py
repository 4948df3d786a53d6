"""The web server dies in the middle of uploads: what it acknowledged is there, of the rest nothing is."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import httpx
import numpy as np
import pytest

from pacs.dicom.phantom import make_uid
from tests.factories.studies import make_dicom, make_files
from tests.hostile import ledger
from tests.hostile.running import Running, Site, hashes_of
from tests.hostile.wire import Sender
from tests.pacs.dicomweb.requests import stow_body

pytestmark = [pytest.mark.xdist_group("power-cut"), pytest.mark.timeout(600)]

SLICES = 3
# A client whose line broke does not try its next study at once.
_PAUSE_S = 0.2


@pytest.fixture
def running(site: Site) -> Running:
    return site()


@pytest.mark.req("PA-02")
def test_an_upload_cut_by_a_kill_leaves_nothing_and_succeeds_afterwards(running: Running) -> None:
    assert running.store(*make_files("before", SLICES)) == 200
    body = stow_body(*make_files("during", SLICES))
    with Sender(running.portal, running.token, f"Content-Length: {len(body)}") as sender:
        sender.send(body[:-10])
        assert running.studies() == [make_uid("before", "study")]
        running.portal.kill()
        assert sender.reply().status == 0
    running.portal.start(with_worker=False)

    assert running.studies() == [make_uid("before", "study")]
    assert running.hashes(make_uid("before", "study")) == hashes_of("before", SLICES)
    assert running.store(*make_files("during", SLICES)) == 200
    assert running.hashes(make_uid("during", "study")) == hashes_of("during", SLICES)


@pytest.mark.req("PA-02")
def test_whatever_was_acknowledged_survives_kills_at_any_moment(running: Running) -> None:
    acknowledged = survive(running, uploads=60, kills=3)

    assert_whole(running, acknowledged, 60)


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_whatever_was_acknowledged_survives_many_kills(running: Running) -> None:
    acknowledged = survive(running, uploads=10_000, kills=200, longest_s=2.0)

    assert_whole(running, acknowledged, 10_000)


def survive(running: Running, *, uploads: int, kills: int, longest_s: float = 0.4) -> set[int]:
    """Upload from four clients while the server is killed again and again; return what was acknowledged.

    `longest_s` is for how long it lives at most. Where most of what it began is lost, the sweep takes the store for
    another one's, and removes nothing.
    """
    over = Event()
    killer = Thread(target=_kill, args=(running, over, kills, longest_s))
    killer.start()
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda number: _try(running, number), range(uploads)))
    over.set()
    killer.join()
    return {number for number, status in enumerate(statuses) if status == 200}


def _try(running: Running, number: int) -> int:
    try:
        return running.store(*make_files(f"upload-{number}", SLICES))
    except httpx.TransportError:
        time.sleep(_PAUSE_S)
        return 0


def _kill(running: Running, over: Event, kills: int, longest_s: float) -> None:
    generator = np.random.default_rng(7)
    for _ in range(kills):
        over.wait(float(generator.uniform(0.05, longest_s)))
        running.portal.kill()
        running.portal.start(with_worker=False)
        if over.is_set():
            return


def assert_whole(running: Running, acknowledged: set[int], uploads: int) -> None:
    """Every acknowledged study is there; every one that is there is whole; all can be stored (again)."""
    found = running.studies()
    wanted = {make_uid(f"upload-{number}", "study"): f"upload-{number}" for number in range(uploads)}

    assert {make_uid(f"upload-{number}", "study") for number in acknowledged} <= set(found)
    assert len(found) == len(set(found))
    stored = {study: running.hashes(study) for study in found}
    assert stored == {study: hashes_of(wanted[study], SLICES) for study in found}
    assert ledger.judge(running.portal) == ledger.NOTHING
    assert [running.store(make_dicom(seed, 1)) for seed in wanted.values()] == [200] * uploads
