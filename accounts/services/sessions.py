"""The sessions of a person: begun, seen, ended."""

import datetime as dt
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.errors import SessionNotFoundError
from accounts.models import SignIn, User
from accounts.selectors.sessions import LONGEST
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope


def begin(*, user_id: UUID, session_key: str, device: str, address: str | None) -> None:
    """Write down a session that has passed both factors."""
    SignIn.objects.update_or_create(
        session_key=session_key, defaults={"user_id": user_id, "device": device[:120], "address": address}
    )


def note_tenant(*, user_id: UUID, tenant_id: UUID) -> None:
    """Remember where the next session of a person begins."""
    User.objects.filter(id=user_id).exclude(last_tenant_id=tenant_id).update(last_tenant_id=tenant_id)


def note_seen(*, session_key: str, moment: dt.datetime) -> None:
    """Move the time at which its owner was there last."""
    SignIn.objects.filter(session_key=session_key).update(seen_at=moment)


def end_one(*, actor: Actor, session_id: UUID) -> None:
    """End one session of the person who asks."""
    row = SignIn.objects.filter(id=session_id, user_id=actor.id).first()
    if row is None:
        raise SessionNotFoundError
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _drop([row])
        audit.record(actor=actor, action="session.ended", subject_id=session_id, detail={"sessions": 1})


def end_others(*, actor: Actor, current_key: str) -> int:
    """End all sessions of the person who asks but the present one."""
    rows = list(SignIn.objects.filter(user_id=actor.id).exclude(session_key=current_key))
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _drop(rows)
        if rows:
            audit.record(actor=actor, action="session.ended", detail={"sessions": len(rows)})
    return len(rows)


def end_all(*, user_id: UUID, but_key: str = "") -> None:
    """End the sessions of a person, because something about the person changed."""
    _drop(list(SignIn.objects.filter(user_id=user_id).exclude(session_key=but_key)))


def rename(*, old_key: str, new_key: str) -> None:
    """Keep a session on the list under its new key."""
    SignIn.objects.filter(session_key=old_key).update(session_key=new_key)


def forget(*, session_key: str) -> None:
    """Strike a session that ended by itself off the list."""
    SignIn.objects.filter(session_key=session_key).delete()


def purge() -> None:
    """Delete what no session outlives."""
    SignIn.objects.filter(started_at__lt=now() - LONGEST).delete()
    _engine().SessionStore.clear_expired()


def _drop(rows: list[SignIn]) -> None:
    for row in rows:
        _engine().SessionStore(row.session_key).delete()
    SignIn.objects.filter(id__in=[row.id for row in rows]).delete()


def _engine() -> Any:
    return import_module(settings.SESSION_ENGINE)
