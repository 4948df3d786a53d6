"""What everybody is shown without naming anything: pages, lists and searches hold nothing of another tenant."""

from collections.abc import Iterator

import pytest

from pacs.dicomweb import access
from tests.isolation.lists import leaks_in_lists, leaks_in_searches, seen_by
from tests.isolation.world import OUTSIDERS, Victim, asking, client_of, make_outsider, make_victim

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


@pytest.fixture
def victim() -> Victim:
    return make_victim()


@pytest.mark.req("X-15")
@pytest.mark.parametrize("who", [*asking(OUTSIDERS), "anonymous"])
def test_no_page_shows_anything_of_another_tenant(victim: Victim, who: str) -> None:
    assert leaks_in_lists(make_outsider(who), victim) == {}


@pytest.mark.req("X-15")
@pytest.mark.parametrize("who", ["owner", "radiologist", "compliance_officer", "token", "guest"])
def test_no_search_finds_anything_of_another_tenant(victim: Victim, who: str) -> None:
    assert leaks_in_searches(make_outsider(who), victim) == {}


@pytest.mark.req("X-15")
@pytest.mark.postgres
@pytest.mark.parametrize("who", ["owner", "compliance_officer", "token", "guest"])
def test_row_level_security_alone_keeps_lists_apart(victim: Victim, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outsider = make_outsider(who)
    monkeypatch.setattr("django_scopes.manager.get_scope", lambda: {"_enabled": False})

    assert leaks_in_lists(outsider, victim) == {}
    assert leaks_in_searches(outsider, victim) == {}


@pytest.mark.parametrize("path", ["/studies/", "/studies/bin/", "/quarantine/", "/audit/", "/dicom-web/studies"])
def test_the_canaries_sing_in_their_own_tenant(victim: Victim, path: str) -> None:
    assert seen_by(client_of("owner", victim.tenant, victim.study), victim, path)
