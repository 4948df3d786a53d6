"""Every address of analysis and register, by every method: a stranger finds nothing, an auditor changes nothing."""

import pytest

from tests.isolation.matrix import breaches, cells, faults, unread
from tests.isolation.routes import Route, with_ids
from tests.isolation.world import Victim, client_of, make_outsider, make_victim

pytestmark = pytest.mark.django_db

ADDRESSES = ("compliance/analysis/", "compliance/risks/")


def own_routes() -> list[Route]:
    return [route for route in with_ids() if route.template.startswith(ADDRESSES)]


@pytest.fixture
def victim() -> Victim:
    return make_victim()


@pytest.mark.req("X-15")
@pytest.mark.parametrize("who", ["owner", "compliance_officer", "auditor", "technician", "token", "guest"])
def test_a_second_tenant_sees_nothing_and_changes_nothing(victim: Victim, who: str) -> None:
    before = victim.state()

    assert breaches(make_outsider(who), own_routes(), victim, may_store=False) == {}
    assert victim.state() == before


def test_the_auditor_reads_everything_and_changes_nothing(victim: Victim) -> None:
    auditor = client_of("auditor", victim.tenant, victim.study)
    before = victim.state()
    pages = {route.template for route in own_routes()} - set(unread(auditor, own_routes(), victim))

    assert pages == {
        "compliance/analysis/{analysis_id}/",
        "compliance/analysis/{analysis_id}/frame/",
        "compliance/analysis/{analysis_id}/gates/",
        "compliance/analysis/{analysis_id}/sections/{section_id}/",
        "compliance/analysis/{analysis_id}/sections/{section_id}/presence",
        "compliance/analysis/{analysis_id}/questions/{question_id}/",
        "compliance/analysis/files/{file_id}/",
        "compliance/analysis/{analysis_id}/risks/",
        "compliance/risks/{risk_id}/",
    }
    assert faults(auditor, own_routes(), victim) == {}
    assert victim.state() == before


def test_no_question_of_the_compliance_officer_is_answered_by_a_server_error(victim: Victim) -> None:
    officer = client_of("compliance_officer", victim.tenant, victim.study)

    assert len(list(cells(own_routes(), victim))) >= 23 * 7
    assert faults(officer, own_routes(), victim) == {}
