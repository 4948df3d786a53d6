"""A small group on a whole portal: everything that is offered arrives and is prepared, and each figure is there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.portal import SCOPES, SIGN_IN, portal
from tooling.bench import flat
from tooling.bench.capacity import report
from tooling.bench.capacity.busy_hour import Stock
from tooling.bench.capacity.films import make_films
from tooling.bench.capacity.schedule import Kind
from tooling.bench.capacity.simulation import Settings, simulate
from tooling.bench.studies import make_cbct
from tooling.bench.targets import Target

pytestmark = pytest.mark.once

# One process for all: starting each takes longer than its work.
_PREPARE = f"""
from accounts import services as accounts
from common.actor import system_actor
tenant = accounts.create_tenant(name="Group")
print(tenant.slug)
print(accounts.create_token(actor=system_actor(tenant.id), name="group", scopes={SCOPES}))
""" + SIGN_IN.format(slug="group", role="owner", email="owner@group.example")
SETTINGS = Settings(sites=2, share=0.005, seconds=1.0, levels=(200,), films=1, cbcts=1)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """Run a portal that nobody has used."""
    with portal(tmp_path) as running:
        slug, token, session = running.manage("shell", "--verbosity=0", "--command", _PREPARE).splitlines()
        assert running.web is not None
        yield Target(
            name="group",
            title="Group",
            port=running.port,
            pids=(running.web.pid,),
            zip_path=str,
            delete_path=str,
            headers={"Authorization": f"Bearer {token}"},
            session=lambda: session,
            tenant=slug,
            manage=running.manage,
        )


@pytest.mark.req("AI-21")
def test_all_that_a_small_group_offers_arrives_and_is_prepared(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat, "REPEATS", 1)
    # A panoramic would be analysed as well: seconds of work for a network.
    stock = Stock(cbct=make_cbct(slices=4), films=make_films()[1:])

    found = simulate(target, SETTINGS, stock)

    ((step, _),) = found.steps
    assert step.failures == ()
    assert step.offered == step.answered == step.ready == {Kind.FILM: 2, Kind.CBCT: 1}
    assert {name: step.spreads[name].count for name in (Kind.FILM, Kind.CBCT, "film_lag", "cbct_lag")} == {
        Kind.FILM: 2,
        Kind.CBCT: 1,
        "film_lag": 2,
        "cbct_lag": 1,
    }
    assert [step.spreads[kind].count for kind in (Kind.SEARCH, Kind.LIST)] == [4, 4]
    assert step.spreads["frame"].count == step.spreads[Kind.OPEN_FILM].count + 4 * step.spreads[Kind.OPEN_CBCT].count
    assert found.asked_ms.keys() == {*flat.PAGES, *flat.SEARCHES}
    assert found.filled.rows >= 5 * SETTINGS.studies
    assert found.adds[Kind.FILM].object_bytes >= stock.films[0].size
    assert found.adds[Kind.CBCT].object_bytes >= stock.cbct.size
    run = report.Run("now", "commit", {"cores": 2}, found)
    assert json.loads(json.dumps(report.as_json(run)))["steps"][0]["offered"] == {"film": 2, "cbct": 1}
    assert report.written(f"{report.BEGIN}\n{report.END}", run).count("| 200 |") == 1
