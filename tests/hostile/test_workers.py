"""The worker on Redis: what was acknowledged is prepared, whatever is lost on the way."""

import pytest
from redis import Redis

from config.celery import MAX_WAITING
from tests.factories.studies import make_files
from tests.hostile import crashing, ledger
from tests.hostile.running import Running, Site

pytestmark = [pytest.mark.xdist_group("workers"), pytest.mark.postgres]


@pytest.fixture(scope="module")
def running(site: Site) -> Running:
    return site(with_worker=True)


def test_a_series_is_prepared_by_a_worker_of_celery(running: Running) -> None:
    before = ledger.count_prepared(running.portal)
    assert running.store(*make_files("celery", 3)) == 200

    assert crashing.becomes_true(lambda: ledger.count_prepared(running.portal) == before + 1)


def test_what_redis_forgets_is_prepared_all_the_same(running: Running) -> None:
    before = ledger.count_prepared(running.portal)
    with Redis.from_url(running.portal.addresses["BITEWING_REDIS_URL"]) as broker:
        for number in range(5):
            assert running.store(*make_files(f"flushed-{number}", 2)) == 200
            broker.flushdb()

    assert crashing.becomes_true(lambda: ledger.count_prepared(running.portal) == before + 5, tasks=5)


COUNT = """
from config import celery
from outbox import services
for _ in range(60):
    celery.clock()
print(len(services.due_ids()))
"""


def test_the_clock_nudges_no_more_than_a_queue_has_room_for(site: Site) -> None:
    idle = site()
    for number in range(3):
        assert idle.store(*make_files(f"unheard-{number}", 1)) == 200
    ledger.run_out(idle.portal)
    with Redis.from_url(idle.portal.addresses["BITEWING_REDIS_URL"]) as broker:
        due = int(idle.portal.manage("shell", "--verbosity=0", "--command", COUNT))
        assert due >= 6
        assert broker.llen("celery") == MAX_WAITING

        broker.flushdb()
        idle.portal.manage("shell", "--verbosity=0", "--command", "from config import celery; celery.clock()")
        assert broker.llen("celery") == due
