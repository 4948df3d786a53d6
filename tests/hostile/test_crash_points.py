"""Processes die at every mark of the code: what was acknowledged is there once, and what is left over goes."""

from collections.abc import Iterator

import pytest

from pacs.dicom.phantom import make_uid
from tests.factories.portal import Portal
from tests.hostile import crashing, ledger
from tests.hostile.running import Running, hashes_of

pytestmark = [pytest.mark.xdist_group("crash-points"), pytest.mark.timeout(900)]

SLICES = 2


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = crashing.settle(Portal(folder=tmp_path_factory.mktemp("portal")))
    yield found
    found.portal.stop()


@pytest.mark.req("PA-02")
def test_what_the_web_acknowledged_survives_a_kill_at_each_mark(site: Running) -> None:
    broken, stored, expected = survive_in_web(site, uploads=3, turn=3)

    assert min(broken.values()) >= 1
    assert stored == expected
    crashing.sweep_across(site.portal, "sweep.listed")
    assert ledger.judge(site.portal) == ledger.NOTHING


def test_tasks_whose_workers_are_killed_at_each_mark_are_done_once(site: Running) -> None:
    killed = survive_in_worker(site, tasks=12, kills=1)

    assert min(killed.values()) >= 1
    assert_done_once(site.portal)


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_what_the_web_acknowledged_survives_many_kills_at_each_mark(site: Running) -> None:
    broken, stored, expected = survive_in_web(site, uploads=400, turn=6, at_once=4)

    assert min(broken.values()) >= 50
    assert stored == expected
    crashing.sweep_across(site.portal, "sweep.listed")
    assert ledger.judge(site.portal) == ledger.NOTHING


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_a_thousand_tasks_under_three_hundred_kills_are_done_once(site: Running) -> None:
    killed = survive_in_worker(site, tasks=1000, kills=100)

    assert sum(killed.values()) >= 300
    assert_done_once(site.portal)


def survive_in_web(
    site: Running, *, uploads: int, turn: int, at_once: int = 1
) -> tuple[dict[str, int], dict[str, list[str]], dict[str, list[str]]]:
    """Upload across each mark; return how often lines broke, and the hashes that are there and should be."""
    before = ledger.count_stored(site.portal)
    seeds = {mark: [f"{mark}-{uploads}-{number}" for number in range(uploads)] for mark in crashing.IN_WEB}
    broken = {
        mark: crashing.upload_across(site, mark, mine, slices=SLICES, turn=turn, at_once=at_once)
        for mark, mine in seeds.items()
    }
    wanted = {make_uid(seed, "study"): seed for mine in seeds.values() for seed in mine}
    assert ledger.count_stored(site.portal) == (before[0] + len(wanted), before[1] + SLICES * len(wanted))
    with crashing.serving(site):
        stored = {study: site.hashes(study) for study in wanted}
    return broken, stored, {study: hashes_of(seed, SLICES) for study, seed in wanted.items()}


def survive_in_worker(site: Running, *, tasks: int, kills: int) -> dict[str, int]:
    """Prepare series with workers that are killed and a Redis that forgets; return the kills at each mark."""
    with crashing.serving(site):
        crashing.Client(site, SLICES).store_all([f"task-{tasks}-{number}" for number in range(tasks)], at_once=4)
    killed = {}
    for mark in crashing.IN_WORKER:
        crashing.flush_redis(site.portal)
        # Only what is prepared again passes the last mark, and that is little.
        turn = 1 if mark == "objects.doomed" else 3
        killed[mark] = crashing.work_across(site.portal, mark, turn=turn, kills=kills if turn > 1 else 1)
    crashing.flush_redis(site.portal)
    assert crashing.work_through(site.portal)
    return killed


def assert_done_once(portal: Portal) -> None:
    """Every series is prepared, has one set of results, and nothing else lies in the store."""
    named, living = ledger.results(portal)

    assert ledger.count_failed(portal) == 0
    assert ledger.count_prepared(portal) == ledger.count_series(portal)
    assert ledger.judge(portal) == ledger.NOTHING
    assert named == living
    assert len(named) == len(set(named))
