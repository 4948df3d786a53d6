"""The page of the access log, and its export: the log knows ids only, here they get their names."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, step_up
from audit import selectors as audit
from audit import services as audit_services
from audit.selectors import Entry, Filter
from common.actor import Actor, ActorKind
from common.ids import parse_uuid
from common.scope import tenant_scope
from pacs import gate
from pacs import selectors as pacs
from pacs.contexts import access_log
from sharing import selectors as sharing

PAGE_ROWS = 100
EXPORT_ROWS = 1000
COLUMNS = ("at", "actor_kind", "actor_id", "actor", "action", "study_id", "subject_id", "detail")
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _choices() -> list[tuple[str, str]]:
    named = ((action, str(label)) for action, label in access_log.ACTIONS.items())
    return [("", _("all")), *sorted(named, key=itemgetter(1))]


class _DayField(forms.DateField):
    """A day whose midnights exist in every zone, or none."""

    def __init__(self, *, label: Any) -> None:
        limits = [MinValueValidator(dt.date(1, 1, 3)), MaxValueValidator(dt.date(9999, 12, 28))]
        super().__init__(label=label, required=False, validators=limits, widget=forms.DateInput(attrs={"type": "date"}))


class FilterForm(forms.Form):
    """What to look for; a person or a study is chosen by its own row."""

    since = _DayField(label=gettext_lazy("From"))
    until = _DayField(label=gettext_lazy("to"))
    action = forms.ChoiceField(
        label=gettext_lazy("Action"),
        required=False,
        choices=_choices,
    )
    actor = forms.UUIDField(required=False, widget=forms.HiddenInput)
    study = forms.UUIDField(required=False, widget=forms.HiddenInput)
    cursor = forms.UUIDField(required=False, widget=forms.HiddenInput)

    @property
    def wanted(self) -> Filter:
        """Return the filter of a valid form; the days are days of the tenant, the last one included."""
        data: dict[str, Any] = self.cleaned_data
        return Filter(
            study_id=data["study"],
            actor_id=data["actor"],
            action=data["action"],
            since=_midnight(data["since"]),
            until=_midnight(data["until"] + dt.timedelta(days=1) if data["until"] else None),
            before_id=data["cursor"],
        )


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time())) if day else None


@dataclass(frozen=True, slots=True)
class Row:
    """One entry with names."""

    id: UUID
    at: dt.datetime
    actor_id: UUID
    who: str
    who_kind: str
    action: str
    action_label: str
    study_id: UUID | None
    what: str
    is_open: bool
    detail: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some entries; `actor_id` and `study_id` are what the page is narrowed to."""

    rows: list[Row]
    older_cursor: str
    is_continued: bool
    actor_id: UUID | None
    study_id: UUID | None
    can_export: bool


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show who did what; reading this is in the log as well."""
    actor = gate.member(request, "audit.read")
    form = FilterForm(request.POST if request.method == "POST" else request.GET)
    wanted = form.wanted if form.is_valid() else Filter()
    with tenant_scope(actor.tenant_id):
        page = _page(actor, wanted)
        audit_services.record(actor=actor, action="audit.viewed", detail={"rows": len(page.rows)})
    return render(request, "audit/log.html", {"page": page, "form": form}, status=200 if form.is_valid() else 422)


def _page(actor: Actor, wanted: Filter) -> LogPage:
    found = audit.list_events(wanted, limit=PAGE_ROWS + 1)
    entries = found[:PAGE_ROWS]
    names, studies = _names(entries), _studies(actor, entries)
    can_open = access.allows(actor, "study.view")
    return LogPage(
        rows=[_row(entry, names, studies, can_open=can_open) for entry in entries],
        older_cursor=str(entries[-1].id) if len(found) > PAGE_ROWS else "",
        is_continued=wanted.before_id is not None,
        actor_id=wanted.actor_id,
        study_id=wanted.study_id,
        can_export=access.allows(actor, "audit.export"),
    )


def _names(entries: Iterable[Entry]) -> dict[UUID, str]:
    found = list(entries)
    guests = {entry.actor_id for entry in found if entry.actor_kind == ActorKind.GUEST}
    return access_log.names_of(found, sharing.names_of_links(guests))


def _studies(actor: Actor, entries: Iterable[Entry]) -> dict[UUID, str]:
    """Return patient and date of the studies that are not in the bin."""
    ids = {entry.study_id for entry in entries if entry.study_id}
    columns = ("id", "patient_name", "study_date")
    rows = pacs.visible_studies(actor).filter(id__in=ids).values_list(*columns)
    return {study_id: f"{name or _('No name')}, {day or _('no date')}" for study_id, name, day in rows}


def _row(entry: Entry, names: dict[UUID, str], studies: dict[UUID, str], *, can_open: bool) -> Row:
    is_known = entry.study_id in studies
    return Row(
        id=entry.id,
        at=entry.recorded_at,
        actor_id=entry.actor_id,
        who=names.get(entry.actor_id, _("someone unknown")),
        who_kind=access_log.kind_of(entry.actor_kind),
        action=entry.action,
        action_label=access_log.label_of(entry),
        study_id=entry.study_id,
        what=studies[entry.study_id] if entry.study_id and is_known else _("a deleted study") if entry.study_id else "",
        is_open=is_known and can_open,
        detail=_in_words(entry),
    )


def _in_words(entry: Entry) -> str:
    """Return the small facts of an event; lists of ids are counted."""
    # For what a study was opened its action says already.
    told = {"purpose"} if entry.action == "study.opened" else set()
    return ", ".join(f"{name}: {_short(value)}" for name, value in entry.detail.items() if name not in told)


def _short(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return str(len(value)) if any(parse_uuid(str(one)) for one in value) else " ".join(map(str, value))


# --- export -----------------------------------------------------------------------------------------------------------


@require_POST
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Answer everything that the filter finds as CSV; the export is in the log before its first line leaves."""
    actor = gate.member(request, "audit.export")
    form = FilterForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    step_up.require(request)
    wanted = replace(form.wanted, before_id=None)
    with tenant_scope(actor.tenant_id):
        audit_services.record(actor=actor, action="audit.exported", detail=_described(wanted))
    response = StreamingHttpResponse(_lines(actor, wanted), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    return response


def _described(wanted: Filter) -> dict[str, str | int | list[str]]:
    narrowed = {
        "study": wanted.study_id,
        "actor": wanted.actor_id,
        "action": wanted.action,
        "since": wanted.since,
        "until": wanted.until,
    }
    return {name: str(value) for name, value in narrowed.items() if value}


class _Line:
    """What `csv` writes a line to."""

    def write(self, line: str) -> str:
        """Hand the line back instead of keeping it."""
        return line


def _lines(actor: Actor, wanted: Filter) -> Iterator[str]:
    """Yield the file, a page at a time, each read in a scope of its own; it ends when the right to read it does."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(COLUMNS)
    while actor.recheck():
        with tenant_scope(actor.tenant_id):
            entries = audit.list_events(wanted, limit=EXPORT_ROWS)
            names = _names(entries)
        yield "".join(writer.writerow(map(harmless, _cells(entry, names))) for entry in entries)
        if len(entries) < EXPORT_ROWS:
            return
        wanted = replace(wanted, before_id=entries[-1].id)


def _cells(entry: Entry, names: dict[UUID, str]) -> list[str]:
    return [
        entry.recorded_at.isoformat(),
        entry.actor_kind,
        str(entry.actor_id),
        names.get(entry.actor_id, ""),
        entry.action,
        str(entry.study_id or ""),
        str(entry.subject_id or ""),
        orjson.dumps(entry.detail).decode() if entry.detail else "",
    ]


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
