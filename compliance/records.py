"""The history of vendors, agreements, incidents and requests: who did what, when, and what it was before."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from compliance import history
from compliance.models import RecordEntry

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

VERBS: Final[dict[str, "StrOrPromise"]] = {
    "added": _("Added"),
    "changed": _("Changed"),
    "ended": _("Ended"),
    "reviewed": _("Reviewed"),
    "signed": _("Signed"),
    "copy-added": _("Signed copy added"),
    "clause-checked": _("Clause checked"),
    "sub-added": _("Sub-processor added"),
    "sub-removed": _("Sub-processor removed"),
    "exit-proven": _("Return or destruction recorded"),
    "uses-changed": _("Where it is used was changed"),
    "assessed": _("Assessed"),
    "notified": _("Notice recorded"),
    "closed": _("Closed"),
    "reopened": _("Opened again"),
    "noted": _("Noted"),
    "extended": _("Extended"),
    "fulfilled": _("Fulfilled"),
    "denied": _("Denied"),
}


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry as pages and documents show it."""

    at: dt.datetime
    who: str
    verb: "StrOrPromise"
    note: str
    fields: tuple[tuple["StrOrPromise", str, str], ...]


def write(
    *, actor: Actor, noun: str, subject_id: UUID, verb: str, note: str = "", fields: Mapping[str, Any] | None = None
) -> None:
    """Append one entry, and say so in the audit log, in the caller's transaction and scope."""
    RecordEntry.objects.create(
        tenant_id=actor.tenant_id,
        noun=noun,
        subject_id=subject_id,
        verb=verb,
        note=note.strip(),
        fields=dict(fields or {}),
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
    audit.record(actor=actor, action=f"{noun}.{verb}", subject_id=subject_id)


def change(row: models.Model, values: Mapping[str, Any]) -> history.Diff:
    """Give a row its new values and return what differs; nothing is saved where nothing does."""
    before = history.values_of(row)
    for name, value in values.items():
        setattr(row, name, value)
    found = history.diff(before, history.values_of(row))
    if found:
        row.save(update_fields=[*values])
    return found


def lines_of(
    noun: str, subject_id: UUID, *, labels: Mapping[str, "StrOrPromise"] | None = None, limit: int = 200
) -> tuple[EntryLine, ...]:
    """List what happened to a subject, newest first (inside the open scope); labels name the fields."""
    rows = list(RecordEntry.objects.filter(noun=noun, subject_id=subject_id).order_by("-id")[:limit])
    names = accounts.names_of_users({row.actor_id for row in rows})
    return tuple(
        EntryLine(
            at=row.at,
            who=names.get(row.actor_id, ""),
            verb=VERBS.get(row.verb, row.verb),
            note=row.note,
            fields=tuple(
                ((labels or {}).get(name, name), _worded(old), _worded(new)) for name, (old, new) in row.fields.items()
            ),
        )
        for row in rows
    )


def _worded(value: Any) -> str:
    return "" if value is None else str(value)
