"""Addresses that are told of changes: added, turned off and on, taken away."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common import outgoing
from common.actor import Actor
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.changes import selectors
from pacs.changes.errors import HookTakenError, HookTermsError
from pacs.changes.models import Hook
from pacs.events import HookDue

MANAGE: Final = "hook.manage"
MAX_HOOKS: Final = 10


def add(*, actor: Actor, url: str) -> UUID:
    """Tell an address of what changes from now on.

    Raises
    ------
    AddressRefusedError
        If it is no https address.
    HookTakenError, HookTermsError
        If it is told already, or there are enough.
    """
    access.require(actor, MANAGE)
    outgoing.require_allowed(url)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if Hook.objects.count() >= MAX_HOOKS:
            raise HookTermsError("There are {n} webhooks already.", n=MAX_HOOKS)
        row, is_new = Hook.objects.get_or_create(
            tenant_id=actor.tenant_id, url=url, defaults={"taken": selectors.last_number()}
        )
        if not is_new:
            raise HookTakenError
        audit.record(actor=actor, action="hook.added", subject_id=row.id)
    return UUID(str(row.id))


def switch(*, actor: Actor, hook_id: UUID, is_on: bool) -> None:
    """Turn a webhook off, or on again: then it is told of all that changed meanwhile."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_hook(hook_id)
        access.require(actor, MANAGE)
        Hook.objects.filter(id=row.id).update(is_on=is_on, failing_since=None, failure="")
        audit.record(actor=actor, action="hook.turned-on" if is_on else "hook.turned-off", subject_id=row.id)
        if is_on:
            outbox.publish(HookDue(tenant_id=actor.tenant_id, hook_id=hook_id))


def remove(*, actor: Actor, hook_id: UUID) -> None:
    """Tell an address nothing more."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_hook(hook_id)
        access.require(actor, MANAGE)
        row.delete()
        audit.record(actor=actor, action="hook.removed", subject_id=hook_id)
