"""Roles and scopes as people read them."""

from collections.abc import Iterable

from accounts.forms import ROLE_NAMES, SCOPE_NAMES
from accounts.models import Role


def role_names(roles: Iterable[str]) -> list[str]:
    """Return roles in words, in the order of the list of roles."""
    wanted = set(roles)
    return [str(name) for role, name in ROLE_NAMES.items() if Role(role).value in wanted]


def scope_names(scopes: Iterable[str]) -> list[str]:
    """Return scopes in words."""
    return [str(SCOPE_NAMES.get(scope, scope)) for scope in scopes]
