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
from django.db.models.functions import Greatest

from accounts import access
from audit import services as audit
from audit import webhooks
from audit.signing import signer_of
from common import logs, outgoing
from common.actor import Actor, system_actor
from common.clock import now
from common.errors import DomainError
from common.scope import tenant_scope
from pacs.changes import hooks, selectors
from pacs.changes.models import Hook
from pacs.changes.selectors import StudyChange

log = logs.get("changes")
GIVE_UP: Final = dt.timedelta(days=3)
# Soon at first, then every four minutes.
_AGAIN_S: Final = (4.0, 240.0)
_FAILURE_CHARS: Final = 200


def tell(*, tenant_id: UUID, hook_id: UUID) -> float:
    """Send a webhook page after page of what it has not taken; nothing is sent while a transaction is open.

    Return the seconds after which to try again, 0 when there is nothing left.
    """
    with tenant_scope(tenant_id):
        hook = Hook.objects.filter(id=hook_id, is_on=True).first()
        page = selectors.list_changes(after=hook.taken, limit=selectors.PAGE) if hook else []
    while hook and page:
        failure = _send(tenant_id, hook.id, hook.url, _message(page))
        if failure:
            return _note_failure(tenant_id, hook.id, failure)
        taken = page[-1].number
        with tenant_scope(tenant_id):
            # Two workers may have been at it: the one that came further is right.
            further = Greatest(F("taken"), Value(taken))
            told = {"taken": further, "taken_at": now(), "failing_since": None, "failure": ""}
            is_on = Hook.objects.filter(id=hook.id, is_on=True).update(**told)
            page = selectors.list_changes(after=taken, limit=selectors.PAGE) if is_on else []
    return 0.0


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


def _note_failure(tenant_id: UUID, hook_id: UUID, failure: str) -> float:
    """Keep why and since when; return after how many seconds to try again: as many as it has failed for, in bounds."""
    log.warning("hook.not_told", tenant_id=str(tenant_id), event_id=str(hook_id))
    with tenant_scope(tenant_id), transaction.atomic():
        row = Hook.objects.select_for_update().filter(id=hook_id, is_on=True).first()
        if row is None:
            return 0.0
        row.failure, row.failing_since = failure, row.failing_since or now()
        failing: dt.timedelta = now() - row.failing_since
        row.is_on = failing < GIVE_UP
        row.save(update_fields=["failure", "failing_since", "is_on"])
        if row.is_on:
            return min(max(failing.total_seconds(), _AGAIN_S[0]), _AGAIN_S[1])
        audit.record(actor=system_actor(tenant_id), action="hook.given-up", subject_id=hook_id)
    return 0.0
