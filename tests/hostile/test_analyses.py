"""Workers die at every mark of an analysis, and Redis forgets: each image has one result, none lost and none twice."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.factories.inference import darker, make_film
from tests.factories.onnx_models import write_network
from tests.factories.portal import Portal
from tests.hostile import crashing, ledger
from tests.hostile.running import Running

pytestmark = [pytest.mark.xdist_group("crash-points"), pytest.mark.timeout(900), pytest.mark.req("AI-09")]

_RULE = """
from accounts import services as accounts
from common.actor import system_actor
from common.scope import tenant_scope
from inference import selectors, services
tenant_id = accounts.tenant_id_of_slug({slug!r})
with tenant_scope(tenant_id):
    network = selectors.find_network(name="bright-squares")
services.add_rule(actor=system_actor(tenant_id), network_id=network.id, conditions=services.Conditions())
"""
# The network that comes with the portal would look at each film, too, and take most of the time.
_ALONE = """
from accounts import services as accounts
from common.actor import system_actor
from common.scope import tenant_scope
from inference import selectors, services
tenant_id = accounts.tenant_id_of_slug({slug!r})
services.register_bundled(tenant_id=tenant_id)
with tenant_scope(tenant_id):
    others = [rule.id for rule in selectors.list_rules() if rule.network.name != "bright-squares"]
for rule_id in others:
    services.switch_rule(actor=system_actor(tenant_id), rule_id=rule_id, is_on=False)
"""
_COUNT = """
import json
from accounts import services as accounts
from common.scope import tenant_scope
from django.db.models import Count
from inference.models import Finding, Run
# The network that comes with the portal may have looked at the films too.
mine = {{"network__name": "bright-squares"}}
with tenant_scope(accounts.tenant_id_of_slug({slug!r})):
    states = dict(Run.objects.filter(**mine).values_list("state").annotate(count=Count("id")).order_by())
    per_run = sorted(set(Run.objects.filter(**mine).annotate(found=Count("findings")).values_list("found", flat=True)))
    findings = Finding.objects.filter(run__network__name="bright-squares").count()
    print(json.dumps({{"states": states, "findings": findings, "per_run": per_run}}))
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    found = crashing.settle(Portal(folder=tmp_path))
    found.portal.manage("inference", "import", str(write_network(tmp_path / "network")), "--tenant", found.slug)
    found.portal.manage("shell", "--verbosity=0", "--command", _RULE.format(slug=found.slug))
    yield found
    found.portal.stop()


def test_analyses_whose_workers_are_killed_at_each_mark_have_one_result(site: Running) -> None:
    killed = analyse_across(site, films=15, kills=1)

    assert min(killed.values()) >= 1
    assert counts(site) == {"states": {"done": 15}, "findings": 30, "per_run": [2]}


@pytest.mark.postgres
def test_analyses_that_redis_forgets_have_one_result_all_the_same(site: Running) -> None:
    waiting = analyse_across_flushes(site, films=12, flushes=5)

    assert len(waiting) == 5
    assert min(waiting) > 0
    assert counts(site) == {"states": {"done": 12}, "findings": 24, "per_run": [2]}


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_a_thousand_analyses_under_two_hundred_kills_have_one_result_each(site: Running) -> None:
    killed = analyse_across(site, films=1000, kills=50)

    assert sum(killed.values()) >= 200
    assert counts(site) == {"states": {"done": 1000}, "findings": 2000, "per_run": [2]}


def analyse_across(site: Running, *, films: int, kills: int) -> dict[str, int]:
    """Store films, run workers that die at each mark in turn, and one at the end to which nothing happens.

    Before each of them Redis, where there is one, forgets what it was told.
    """
    site.portal.manage("shell", "--verbosity=0", "--command", _ALONE.format(slug=site.slug))
    store_films(site, films)
    killed = {}
    for mark in crashing.IN_ANALYSES:
        crashing.flush_redis(site.portal)
        killed[mark] = crashing.work_across(site.portal, mark, turn=2, kills=kills)
    crashing.flush_redis(site.portal)
    assert crashing.work_through(site.portal)
    return killed


def analyse_across_flushes(site: Running, *, films: int, flushes: int) -> list[int]:
    """Store films, and flush Redis as their analyses go on; return how many messages waited each time."""
    store_films(site, films)
    waiting = []
    with crashing.working(site.portal):
        for number in range(flushes):
            wanted = number * films // (flushes + 1)
            assert crashing.becomes_true(partial(has_analysed, site, wanted), tasks=films)
            waiting.append(ledger.count_waiting(site.portal))
            crashing.flush_redis(site.portal)
        assert crashing.becomes_true(lambda: not ledger.count_waiting(site.portal), tasks=films)
    return waiting


def has_analysed(site: Running, wanted: int) -> bool:
    return ledger.count_analysed(site.portal) >= wanted


def store_films(site: Running, films: int) -> None:
    folder = site.portal.folder / "films"
    folder.mkdir()
    for number in range(films):
        film = make_film(f"hostile-{number}", pixels=darker(number))
        (folder / f"{number}.dcm").write_bytes(film)
    site.portal.manage("import_dicom", str(folder), "--tenant", site.slug)


def counts(site: Running) -> dict[str, object]:
    code = _COUNT.format(slug=site.slug)
    found: dict[str, object] = json.loads(site.portal.manage("shell", "--verbosity=0", "--command", code))
    return found
