"""The access log as a patient reads it: who, in which role and practice, did what, and when."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as accounts
from common.actor import Actor, ActorKind

if TYPE_CHECKING:
    from audit.selectors import Entry
    from sharing.contexts import GuestStudy
    from sharing.selectors import LinkSummary

_PHRASES = {
    "report.drafted": gettext_lazy("began to write the report"),
    "report.read": gettext_lazy("read the report"),
    "report.signed": gettext_lazy("signed the report"),
    "share.created": gettext_lazy("sent a link to {recipient}"),
    "share.revoked": gettext_lazy("ended the link of {recipient}"),
    "study.binned": gettext_lazy("removed the examination"),
    "study.exported": gettext_lazy("took a copy of the image files"),
    "study.opened": gettext_lazy("opened the examination"),
    "study.restored": gettext_lazy("put the examination back"),
    "study.stored": gettext_lazy("stored the images"),
}
ACTIONS = tuple(_PHRASES)
# An opening says what for; reading lists is not looking at anything.
_OPENINGS = {
    "view": gettext_lazy("looked at the images"),
    "viewer": gettext_lazy("looked at the images"),
    "thumbnail": gettext_lazy("saw a small picture in a list"),
    "list": gettext_lazy("saw that the examination exists"),
    "search": gettext_lazy("saw that the examination exists"),
    "study-page": gettext_lazy("opened the page of the examination"),
    "share": gettext_lazy("prepared a link"),
    "report": gettext_lazy("opened the report"),
    "patient-desk": gettext_lazy("prepared your access"),
}
# Who does nothing for longer has left.
PAUSE = dt.timedelta(minutes=10)
# Said by another event already.
_SILENT_PURPOSES = {"download"}
ROLES = {
    "owner": gettext_lazy("owner"),
    "administrator": gettext_lazy("administrator"),
    "technician": gettext_lazy("technician"),
    "radiologist": gettext_lazy("radiologist"),
    "dentist": gettext_lazy("dentist"),
    "assistant": gettext_lazy("assistant"),
    "compliance_officer": gettext_lazy("compliance officer"),
    "auditor": gettext_lazy("auditor"),
}


@dataclass(frozen=True, slots=True)
class PlainLine:
    """One sentence of the log, and the newest entry that says it."""

    id: UUID
    at: dt.datetime
    who: str
    what: str
    study: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What one person did with one examination in one go: one row of the page, its sentences below it."""

    lines: tuple[PlainLine, ...]

    @property
    def first(self) -> PlainLine:
        """How it began: its person and examination are those of all."""
        return self.lines[-1]

    @property
    def ended_at(self) -> dt.datetime:
        """When the last of it happened."""
        return self.lines[0].at

    @property
    def what(self) -> str:
        """All that was done, in the order in which it was done, each thing once."""
        return ", ".join(dict.fromkeys(line.what for line in reversed(self.lines)))


def visits_of(lines: Iterable[PlainLine]) -> tuple[Visit, ...]:
    """Return sentences, newest first, as visits: what follows another within minutes belongs to the same one."""
    found: list[list[PlainLine]] = []
    latest: dict[tuple[str, str], list[PlainLine]] = {}
    for line in lines:
        mine = latest.get((line.who, line.study))
        if mine is None or mine[-1].at - line.at > PAUSE:
            mine = latest[line.who, line.study] = []
            found.append(mine)
        mine.append(line)
    return tuple(Visit(tuple(mine)) for mine in found)


def lines_of(
    actor: Actor, entries: Sequence["Entry"], studies: Iterable["GuestStudy"], links: Iterable["LinkSummary"]
) -> tuple[PlainLine, ...]:
    """Return entries as sentences, newest first; what one person did again within the same hour is said once."""
    recipients = {link.id: link.recipient_name or link.recipient_email for link in links}
    names = _names(actor, entries, recipients)
    titles = {study.id: _title(study) for study in studies}
    found: dict[tuple[object, ...], PlainLine] = {}
    for entry in entries:
        if entry.detail.get("purpose") in _SILENT_PURPOSES:
            continue
        what = _what(entry, recipients)
        key = (entry.actor_id, what, entry.study_id, entry.recorded_at.replace(minute=0, second=0, microsecond=0))
        title = titles.get(entry.study_id, "") if entry.study_id else ""
        found.setdefault(key, PlainLine(entry.id, entry.recorded_at, names[entry.actor_id], what, title))
    return tuple(found.values())


def _title(study: "GuestStudy") -> str:
    day = study.study_date.isoformat() if study.study_date else _("no date")
    kinds = " ".join(study.modalities)
    return f"{study.description} ({kinds}), {day}" if study.description else f"{kinds}, {day}"


def _what(entry: "Entry", recipients: Mapping[UUID, str]) -> str:
    if entry.action == "study.opened":
        return str(_OPENINGS.get(entry.detail.get("purpose", ""), _PHRASES["study.opened"]))
    someone = recipients.get(entry.subject_id, _("somebody")) if entry.subject_id else _("somebody")
    return str(_PHRASES[entry.action]).format(recipient=someone)


def _names(actor: Actor, entries: Iterable["Entry"], recipients: Mapping[UUID, str]) -> dict[UUID, str]:
    """Return who each actor of the entries is, in words."""
    kinds = {entry.actor_id: entry.actor_kind for entry in entries}
    practice = accounts.house(actor.tenant_id).name
    staff = {actor_id for actor_id, kind in kinds.items() if kind == ActorKind.USER}
    people, roles = accounts.names_of_users(staff), accounts.roles_of_users(staff)
    return {
        actor_id: _name(kind, practice, people.get(actor_id, ""), roles.get(actor_id, []), recipients.get(actor_id, ""))
        for actor_id, kind in kinds.items()
    }


def _name(kind: str, practice: str, person: str, roles: Sequence[str], recipient: str) -> str:
    if kind == ActorKind.USER:
        held = ", ".join(str(ROLES[role]) for role in roles if role in ROLES)
        words = {"name": person or _("Somebody"), "roles": held or _("former staff"), "practice": practice}
        return _("%(name)s (%(roles)s), %(practice)s") % words
    if kind == ActorKind.GUEST:
        return _("%(name)s, with a link") % {"name": recipient or _("Somebody")}
    names = {
        ActorKind.PATIENT: _("You"),
        ActorKind.TOKEN: _("A device or program of %(practice)s") % {"practice": practice},
        ActorKind.SYSTEM: _("The portal of %(practice)s, by itself") % {"practice": practice},
    }
    return names[ActorKind(kind)]
