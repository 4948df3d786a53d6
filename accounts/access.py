"""The access matrix: role x action, scope x action, right x action; read by every check."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from common.actor import Actor, ActorKind
from common.errors import ForbiddenError


@lru_cache(maxsize=1)
def matrix() -> dict[str, Any]:
    """Return the matrix as data: `actions`, `rights` and `scopes`."""
    with (Path(__file__).parent / "access.yaml").open() as file:
        data: dict[str, Any] = yaml.safe_load(file)
    return data


def allows(actor: Actor, action: str) -> bool:
    """Say whether the actor may do this at all; on which study is for the selector to decide."""
    rules = matrix()
    roles = rules["actions"].get(action)
    if roles is None:
        raise KeyError(f"no such action: {action}")
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is ActorKind.TOKEN:
        return any(action in rules["scopes"].get(scope, ()) for scope in actor.scopes)
    if actor.emergency_id is not None and action in rules["emergency"]:
        return True
    if actor.roles.isdisjoint(roles):
        return False
    if actor.grant is None:
        return True
    right = rules["rights"].get(action)
    return right is None or right in actor.grant.rights


def require(actor: Actor, action: str) -> None:
    """Raise unless the actor may do this."""
    if not allows(actor, action):
        raise ForbiddenError()
