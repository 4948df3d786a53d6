"""Every address that names something, by every method, asked by everybody of another tenant."""

from collections.abc import Iterator

import pytest

from accounts.access import matrix as access_matrix
from pacs.dicomweb import access
from tests.factories.cast import make_tenant
from tests.factories.studies import make_study
from tests.isolation.matrix import breaches, uninvited
from tests.isolation.routes import with_ids
from tests.isolation.world import OUTSIDERS, STAFF, Victim, asking, client_of, make_outsider, make_victim

pytestmark = pytest.mark.django_db

MAY_STORE = {*access_matrix()["actions"]["study.upload"], "token"}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


@pytest.fixture
def victim() -> Victim:
    return make_victim()


@pytest.mark.req("X-15")
@pytest.mark.req("PA-06")
@pytest.mark.parametrize("who", asking(OUTSIDERS))
def test_what_belongs_to_another_tenant_is_absent_by_every_method(victim: Victim, who: str, turn: int | None) -> None:
    before = victim.state()

    assert breaches(make_outsider(who), with_ids(), victim, may_store=who in MAY_STORE, turn=turn) == {}
    assert victim.state() == before


@pytest.mark.once
@pytest.mark.req("X-15")
@pytest.mark.req("PA-06")
def test_a_stranger_is_turned_away_everywhere(victim: Victim) -> None:
    before = victim.state()

    assert uninvited(client_of("anonymous", victim.tenant, victim.study), with_ids(), victim) == {}
    assert victim.state() == before


@pytest.mark.once
@pytest.mark.req("X-15")
def test_a_study_outside_of_a_grant_is_as_absent_as_one_of_another_tenant(victim: Victim) -> None:
    own = make_study(victim.tenant.id, "granted", 1)
    guest = client_of("guest", victim.tenant, own)

    # A guest of another tenant asks by every method, above.
    assert breaches(guest, with_ids(), victim, may_store=False, turn=0) == {}


def test_the_matrix_has_a_row_for_every_role_and_a_column_for_every_address() -> None:
    assert set(STAFF) == set().union(*access_matrix()["actions"].values()) - {"guest", "patient"}
    assert len(with_ids()) >= 36


@pytest.mark.req("X-15")
@pytest.mark.postgres
# An owner may all that the other roles may, but what is left to radiologists.
@pytest.mark.parametrize("who", ["owner", "radiologist", "token", "guest"])
def test_row_level_security_alone_keeps_tenants_apart(
    victim: Victim, who: str, turn: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    outsider = make_outsider(who)
    before = victim.state()
    monkeypatch.setattr("django_scopes.manager.get_scope", lambda: {"_enabled": False})

    assert breaches(outsider, with_ids(), victim, may_store=who in MAY_STORE, turn=turn) == {}
    assert victim.state() == before


def test_a_member_of_the_tenant_itself_finds_what_others_do_not(victim: Victim) -> None:
    owner = client_of("owner", victim.tenant, victim.study)

    assert owner.get(f"/studies/{victim.study.id}/").status_code == 200
    assert client_of("token", make_tenant(), victim.study).get(f"/studies/{victim.study.id}/").status_code == 404
