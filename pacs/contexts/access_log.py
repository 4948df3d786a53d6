"""Entries of the audit log in the words of a reader."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as accounts
from common.actor import ActorKind

if TYPE_CHECKING:
    from audit.selectors import Entry

ACTIONS = {
    "audit.exported": gettext_lazy("Exported the access log"),
    "audit.viewed": gettext_lazy("Read the access log"),
    "files.refused": gettext_lazy("Files were refused"),
    "member.added": gettext_lazy("Added a member"),
    "report.drafted": gettext_lazy("Began a report"),
    "report.read": gettext_lazy("Read the report"),
    "report.signed": gettext_lazy("Signed the report"),
    "session.ended": gettext_lazy("Signed out"),
    "session.started": gettext_lazy("Signed in"),
    "share.code-refused": gettext_lazy("Typed a wrong code"),
    "share.code-sent": gettext_lazy("Was sent a code"),
    "share.created": gettext_lazy("Made a link"),
    "share.ended": gettext_lazy("Left a link"),
    "share.locked": gettext_lazy("A link was locked"),
    "share.opened": gettext_lazy("Opened a link"),
    "share.revoked": gettext_lazy("Ended a link"),
    "share.session-started": gettext_lazy("Came in by a link"),
    "studies.searched": gettext_lazy("Searched for studies"),
    "study.binned": gettext_lazy("Moved the study to the bin"),
    "study.exported": gettext_lazy("Downloaded the study"),
    "study.frames-read": gettext_lazy("Looked at images"),
    "study.opened": gettext_lazy("Opened the study"),
    "study.restored": gettext_lazy("Took the study out of the bin"),
    "study.stored": gettext_lazy("Stored images"),
    "tenant.created": gettext_lazy("Set up this centre"),
    "token.created": gettext_lazy("Made an API token"),
    "token.revoked": gettext_lazy("Ended an API token"),
    "worklist.viewed": gettext_lazy("Looked at the worklist"),
}
_KINDS = {
    ActorKind.USER: gettext_lazy("staff"),
    ActorKind.TOKEN: gettext_lazy("API token"),
    ActorKind.GUEST: gettext_lazy("by a link"),
    ActorKind.PATIENT: gettext_lazy("patient"),
    ActorKind.SYSTEM: gettext_lazy("the portal itself"),
}


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Who did what, and when."""

    at: dt.datetime
    who: str
    who_kind: str
    what: str


def label_of(action: str) -> str:
    """Return an action in words; one without words stands for itself."""
    return str(ACTIONS.get(action, action))


def kind_of(kind: str) -> str:
    """Return a kind of actor in words."""
    return str(_KINDS[ActorKind(kind)])


def names_of(entries: Iterable["Entry"], guests: Mapping[UUID, str]) -> dict[UUID, str]:
    """Return the names behind the actors of entries; those of guests are known to who calls."""
    by_kind: dict[str, set[UUID]] = {kind: set() for kind in ActorKind}
    for entry in entries:
        by_kind[entry.actor_kind].add(entry.actor_id)
    return {
        **accounts.names_of_users(by_kind[ActorKind.USER]),
        **accounts.names_of_tokens(by_kind[ActorKind.TOKEN]),
        **guests,
        **dict.fromkeys(by_kind[ActorKind.SYSTEM], _("Bitewing")),
    }


def lines_of(entries: Iterable["Entry"], guests: Mapping[UUID, str]) -> list[AccessLine]:
    """Return entries as lines of a table."""
    found = list(entries)
    names = names_of(found, guests)
    return [
        AccessLine(
            at=entry.recorded_at,
            who=names.get(entry.actor_id, _("someone unknown")),
            who_kind=kind_of(entry.actor_kind),
            what=_with_count(entry),
        )
        for entry in found
    ]


def _with_count(entry: "Entry") -> str:
    label = label_of(entry.action)
    frames = entry.detail.get("frames")
    return f"{label} ({frames})" if frames else label
