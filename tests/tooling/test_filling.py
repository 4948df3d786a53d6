"""The practice of five years that `tooling.bench.compliance` measures: its pages ask few questions."""

import pytest
from pytest_django import DjangoAssertNumQueries

from common.scope import tenant_scope
from compliance.models import Asset, ProbeReading, Risk, Snapshot, Task
from tests.factories.browsers import browser_of
from tests.factories.cast import make_actor, make_tenant
from tooling.bench import compliance, filling

pytestmark = pytest.mark.django_db


@pytest.fixture
def _smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten what repeats night by night; assets, risks and issues are as many as the requirement says."""
    monkeypatch.setattr(filling, "RUNS", 10)


@pytest.mark.usefixtures("_smaller", "long_memory")
def test_pages_of_a_full_practice_ask_under_twelve_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    tenant = make_tenant()
    owner = make_actor(tenant, "owner")
    filling.prepare(tenant.slug, is_full=True)
    with tenant_scope(tenant.id):
        assert [model.objects.count() for model in (Asset, Risk, Task, Snapshot)] == [500, 2000, 300, 60]
        assert ProbeReading.objects.count() > 800
    browser = browser_of(owner)
    browser.get("/compliance/tasks/")

    for page in compliance.PAGES:
        with django_assert_max_num_queries(12):
            assert browser.get(page, follow=True).status_code == 200, page
