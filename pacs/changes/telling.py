"""Telling webhooks what changed: each is sent what comes after the last change that it took, in order.

A message names studies by the portal's own ids and says nothing of patients: whoever is told asks for the rest with a
token, and that is audited. What is not taken is sent again; who does not answer for days is turned off, and hears of
everything when somebody turns it on again.
"""

import datetime as dt
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest

from accounts import access
from audit import services as audit
from audit import webhooks
from audit.signing import signer_of
from common import logs, outgoing
from common.actor import Actor, system_actor
from common.clock import now
from common.errors import DomainError, UnavailableError
from common.scope import tenant_scope
from pacs.changes import hooks, selectors
from pacs.changes.models import Hook
from pacs.changes.selectors import StudyChange

log = logs.get("changes")
GIVE_UP: Final = dt.timedelta(days=3)
_FAILURE_CHARS: Final = 200


class NotToldError(UnavailableError):
    """One of the addresses took nothing: it is tried again later, and again."""

    code = "hook-not-told"
    title = "A webhook did not take what was sent."


def tell(*, tenant_id: UUID) -> None:
    """Send each webhook of a tenant what it has not taken; nothing is sent while a transaction is open.

    Raises
    ------
    NotToldError
        If one of them does not take it; the others have been told.
    """
    with tenant_scope(tenant_id):
        due = list(Hook.objects.filter(is_on=True, taken__lt=selectors.last_number()).order_by("id"))
    was_told = [_tell(tenant_id, hook) for hook in due]
    if not all(was_told):
        raise NotToldError


def _tell(tenant_id: UUID, hook: Hook) -> bool:
    """Send page after page; say whether nothing is left to be sent again."""
    taken = hook.taken
    while True:
        with tenant_scope(tenant_id):
            page = selectors.list_changes(after=taken, limit=selectors.PAGE)
        if not page:
            return True
        failure = _send(tenant_id, hook.id, hook.url, _message(page))
        if failure:
            return not _note_failure(tenant_id, hook.id, failure)
        taken = page[-1].number
        with tenant_scope(tenant_id):
            # Two workers may have been at it: the one that came further is right.
            further = Greatest(F("taken"), Value(taken))
            Hook.objects.filter(id=hook.id).update(taken=further, taken_at=now(), failing_since=None, failure="")


def try_out(*, actor: Actor, hook_id: UUID) -> str:
    """Send a webhook a message of no meaning, and return why it was not taken."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_hook(hook_id)
        access.require(actor, hooks.MANAGE)
        audit.record(actor=actor, action="hook.tested", subject_id=hook_id)
    return _send(actor.tenant_id, row.id, row.url, {"type": "test", "timestamp": now().isoformat(), "data": {}})


def _send(tenant_id: UUID, hook_id: UUID, url: str, message: dict[str, Any]) -> str:
    """Send one message, and return why it was not taken."""
    content = orjson.dumps(message)
    signer = signer_of(tenant_id=tenant_id)
    try:
        outgoing.post(url, content, webhooks.headers(signer, webhooks.message_id(hook_id.bytes + content), content))
    except DomainError as error:
        return str(error)[:_FAILURE_CHARS]
    return ""


def _message(page: list[StudyChange]) -> dict[str, Any]:
    changes = [{"number": one.number, "study": str(one.study_id), "state": one.state} for one in page]
    data = {"changes": changes, "next": page[-1].number}
    return {"type": "studies.changed", "timestamp": page[-1].at.isoformat(), "data": data}


def _note_failure(tenant_id: UUID, hook_id: UUID, failure: str) -> bool:
    """Keep why and since when; say whether it is worth another attempt."""
    log.warning("hook.not_told", tenant_id=str(tenant_id), event_id=str(hook_id))
    with tenant_scope(tenant_id), transaction.atomic():
        row = Hook.objects.filter(id=hook_id, is_on=True)
        row.update(failure=failure, failing_since=Coalesce(F("failing_since"), Value(now())))
        given_up = row.filter(failing_since__lt=now() - GIVE_UP).update(is_on=False)
        if given_up:
            audit.record(actor=system_actor(tenant_id), action="hook.given-up", subject_id=hook_id)
        return not given_up and row.exists()
