"""Who was exposed by a link, an account, a key or a device: read from the access log, complete (X-17)."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

from accounts import selectors as accounts
from audit import selectors as audit
from common.errors import NotFoundError
from compliance.incidents.errors import IncidentNotFoundError, IncidentRefusedError
from compliance.models import Incident
from pacs import selectors as pacs
from sharing import selectors as sharing

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of whom or what, and for which time; for a device the account that was signed in on it."""

    kind: str
    subject_id: UUID
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(slots=True)
class _Study:
    """What the log says about one study."""

    first_at: dt.datetime
    last_at: dt.datetime
    actions: dict[str, int] = field(default_factory=dict)
    frames: int = 0

    def add(self, entry: audit.Entry) -> None:
        self.first_at, self.last_at = min(self.first_at, entry.recorded_at), max(self.last_at, entry.recorded_at)
        self.actions[entry.action] = self.actions.get(entry.action, 0) + 1
        frames = entry.detail.get("frames", 0)
        self.frames += frames if isinstance(frames, int) else 0


def name_of(wanted: Wanted) -> str:
    """Return the name of what the report is about, or raise where the open tenant has no such thing."""
    if wanted.kind == Incident.Subject.LINK:
        try:
            link = sharing.get_link(wanted.subject_id)
        except NotFoundError:
            raise IncidentNotFoundError from None
        return link.recipient_name or link.recipient_email
    if wanted.kind == Incident.Subject.TOKEN:
        tokens = accounts.names_of_tokens({wanted.subject_id})
        if wanted.subject_id not in tokens:
            raise IncidentNotFoundError
        return tokens[wanted.subject_id]
    try:
        member = accounts.get_member(wanted.subject_id)
    except NotFoundError:
        raise IncidentNotFoundError from None
    if wanted.kind == Incident.Subject.DEVICE and wanted.since is None:
        raise IncidentRefusedError("Say since when the device was out of sight: the log knows accounts, not devices.")
    return member.name


def find(wanted: Wanted) -> dict[str, Any]:
    """Return everybody whose images or reports were reached, and for a link who could have been (in the open scope).

    The log is read to its end: nothing is cut off. Searches show names of patients without opening a study; how many
    there were is counted, for the log keeps no answers.
    """
    studies: dict[UUID, _Study] = {}
    others: dict[str, int] = {}
    total = 0
    for entry in _entries(wanted):
        total += 1
        if entry.study_id is None:
            others[entry.action] = others.get(entry.action, 0) + 1
        else:
            seen = studies.setdefault(entry.study_id, _Study(entry.recorded_at, entry.recorded_at))
            seen.add(entry)
    reachable = _reachable(wanted) - studies.keys()
    known = pacs.subjects_of_studies(studies.keys() | reachable)
    opened = [_line(study_id, known, seen) for study_id, seen in studies.items()]
    return {
        "events": total,
        "opened": sorted(opened, key=lambda line: (line["patient"].casefold(), line["study_id"])),
        "not_opened": sorted(
            (_line(study_id, known) for study_id in reachable),
            key=lambda line: (line["patient"].casefold(), line["study_id"]),
        ),
        "patients": len({known[one].patient_id if one in known else one for one in studies}),
        "other_events": dict(sorted(others.items())),
    }


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of what a report says."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _entries(wanted: Wanted) -> Iterator[audit.Entry]:
    before: UUID | None = None
    while True:
        page = audit.list_events(
            audit.Filter(actor_id=wanted.subject_id, since=wanted.since, until=wanted.until, before_id=before),
            limit=_PAGE,
        )
        yield from page
        if len(page) < _PAGE:
            return
        before = page[-1].id


def _reachable(wanted: Wanted) -> set[UUID]:
    if wanted.kind != Incident.Subject.LINK:
        return set()
    return set(sharing.get_link(wanted.subject_id).study_ids)


def _line(study_id: UUID, known: dict[UUID, Any], seen: _Study | None = None) -> dict[str, Any]:
    subject = known.get(study_id)
    found = {
        "study_id": str(study_id),
        "patient_id": str(subject.patient_id) if subject else "",
        # What was destroyed since has no name here any more.
        "patient": subject.patient_name if subject else "",
        "study_date": subject.study_date.isoformat() if subject and subject.study_date else "",
        "description": subject.description if subject else "",
    }
    if seen is None:
        return found
    return {
        **found,
        "first_at": seen.first_at.isoformat(),
        "last_at": seen.last_at.isoformat(),
        "actions": dict(sorted(seen.actions.items())),
        "frames": seen.frames,
    }
