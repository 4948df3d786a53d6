"""The access matrix."""

import pytest

from accounts import access
from accounts.models import Role
from common.actor import Actor, ActorKind, Grant, system_actor
from common.errors import ForbiddenError
from common.ids import uuid7

PEOPLE = {role.value for role in Role} | {"guest", "patient"}


def actor(
    *roles: str, kind: ActorKind = ActorKind.USER, scopes: tuple[str, ...] = (), grant: Grant | None = None
) -> Actor:
    return Actor(
        tenant_id=uuid7(), kind=kind, id=uuid7(), roles=frozenset(roles), scopes=frozenset(scopes), grant=grant
    )


CELLS = [
    (action, role, role in roles) for action, roles in access.matrix()["actions"].items() for role in sorted(PEOPLE)
]


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(("action", "role", "expected"), CELLS)
def test_every_cell_of_the_matrix_decides(action: str, role: str, expected: bool) -> None:
    assert access.allows(actor(role), action) is expected


def test_the_matrix_names_only_roles_that_exist() -> None:
    named = {role for roles in access.matrix()["actions"].values() for role in roles}
    assert named <= PEOPLE


def test_rights_and_scopes_name_only_actions_that_exist() -> None:
    rules = access.matrix()
    named = set(rules["rights"]) | {action for actions in rules["scopes"].values() for action in actions}
    assert named <= set(rules["actions"])


def test_an_unknown_action_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        access.allows(actor("owner"), "study.teleport")


def test_a_grant_without_the_download_right_refuses_downloads() -> None:
    guest = actor("guest", kind=ActorKind.GUEST, grant=Grant(study_ids=frozenset(), rights=frozenset({"view"})))
    with pytest.raises(ForbiddenError):
        access.require(guest, "study.download")


def test_a_grant_with_the_view_right_allows_viewing() -> None:
    guest = actor("guest", kind=ActorKind.GUEST, grant=Grant(study_ids=frozenset(), rights=frozenset({"view"})))
    assert access.allows(guest, "study.view")


def test_a_token_acts_by_its_scopes_only() -> None:
    token = actor("owner", kind=ActorKind.TOKEN, scopes=("dicomweb.read",))
    assert access.allows(token, "study.view")
    assert not access.allows(token, "study.upload")


def test_the_portal_itself_may_do_everything() -> None:
    assert access.allows(system_actor(uuid7()), "tenant.manage")
