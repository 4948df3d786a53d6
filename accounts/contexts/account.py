"""What the page of one's own account shows."""

from dataclasses import dataclass

from accounts import factors, selectors
from accounts.contexts.words import role_names
from accounts.selectors import SessionLine
from common.actor import Actor

FEW_CODES = 3


@dataclass(frozen=True, slots=True)
class AccountPage:
    name: str
    email: str
    tenant_name: str
    roles: list[str]
    codes_left: int
    has_few_codes: bool
    sessions: list[SessionLine]


def account_page(*, actor: Actor, current_key: str) -> AccountPage:
    """Return who one is here, and where one is signed in."""
    user = selectors.get_user(actor.id)
    left = factors.count_codes(user)
    return AccountPage(
        name=user.name,
        email=user.email,
        tenant_name=selectors.tenant_name(actor.tenant_id),
        roles=role_names(actor.roles),
        codes_left=left,
        has_few_codes=left < FEW_CODES,
        sessions=selectors.list_sessions(user_id=actor.id, current_key=current_key),
    )
