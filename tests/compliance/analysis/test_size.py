"""With 500 assets and 2,000 risks a page asks the database no more than with none."""

import pytest
from django.test import Client

from common.scope import tenant_scope
from compliance.models import Asset, Risk
from tests.factories.analysis import Practice, Walk, make_practice
from tests.factories.browsers import browser_of
from tests.factories.queries import questions

pytestmark = pytest.mark.django_db

ASSETS, RISKS, QUERIES = 500, 2000, 12
PAGES = ["", "frame/", "gates/", "sections/S8/", "questions/Q-S8-01/", "risks/"]


def fill(practice: Practice) -> None:
    """Put the inventory of a large group into the tables at once."""
    with tenant_scope(practice.tenant.id):
        Asset.objects.bulk_create(
            Asset(
                tenant_id=practice.tenant.id,
                number=f"A-{number:04}",
                type_id="AT-PACS",
                name=f"Archive {number:04}",
                ephi="stored",
            )
            for number in range(ASSETS)
        )


@pytest.fixture
def large() -> Walk:
    practice = make_practice()
    fill(practice)
    walk = practice.start()
    with tenant_scope(practice.tenant.id):
        register = Risk.objects.filter(analysis_id=walk.id)
        assert register.count() == RISKS
        rated = list(register.values_list("id", flat=True)[: RISKS // 2])
        register.filter(id__in=rated).update(state="confirmed", current_likelihood=3, current_impact=5, current_level=4)
    return walk


@pytest.fixture
def web(large: Walk) -> Client:
    return browser_of(large.officer)


def queries_of(web: Client, path: str) -> list[str]:
    """Return what a page asks once who the person is has been looked up, which is remembered for some seconds."""
    web.get(path)
    with questions() as asked:
        response = web.get(path)
    assert response.status_code == 200
    return asked


@pytest.mark.parametrize("rest", PAGES)
def test_a_page_of_a_large_practice_needs_few_queries(large: Walk, web: Client, rest: str) -> None:
    asked = queries_of(web, f"/compliance/analysis/{large.id}/{rest}")

    assert len(asked) < QUERIES, "\n".join(sql[:150] for sql in asked)


def test_a_risk_of_a_large_practice_needs_few_queries(large: Walk, web: Client) -> None:
    asked = queries_of(web, f"/compliance/risks/{large.risks(number=1)[0].id}/")

    assert len(asked) < QUERIES, "\n".join(sql[:150] for sql in asked)


def test_a_later_page_of_the_register_costs_what_the_first_one_costs(large: Walk, web: Client) -> None:
    path = f"/compliance/analysis/{large.id}/risks/"
    first = len(queries_of(web, path))
    anchor = large.risks(number=RISKS // 2)[0]
    with questions() as asked:
        response = web.post(path, {"cursor": str(anchor.id)})

    assert f"R-{anchor.number + 1}<" in response.content.decode()
    assert len(asked) <= first + 1
