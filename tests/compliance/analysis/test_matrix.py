"""Every address of analysis and register, by every method: an auditor changes nothing, an officer meets no error."""

import pytest

from tests.isolation.matrix import cells, faults, unread
from tests.isolation.routes import Route, with_ids
from tests.isolation.world import Victim, client_of, make_victim

pytestmark = pytest.mark.django_db

ADDRESSES = ("compliance/analysis/", "compliance/risks/")


def own_routes() -> list[Route]:
    return [route for route in with_ids() if route.template.startswith(ADDRESSES)]


@pytest.fixture
def victim() -> Victim:
    return make_victim()


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
