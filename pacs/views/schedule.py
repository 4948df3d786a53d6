"""The page of appointments, and of studies that wait for one."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from common.actor import Actor
from common.errors import DomainError
from common.ids import parse_uuid
from common.refusals import full_text_of
from common.scope import tenant_scope
from pacs import gate, leaving
from pacs.appointments import csv_file, selectors, services
from pacs.appointments.errors import AppointmentNotFoundError
from pacs.contexts import schedule as contexts
from pacs.contexts.schedule import AppointmentLine, WaitingLine


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a day, and the studies that nobody could place; patients are named here, so that is written down."""
    actor = gate.member(request, "schedule.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor, day=_day(request))
        _record(actor, page.rows, page.waiting)
    return render(request, "pacs/schedule.html", {"page": page})


def _record(actor: Actor, rows: Sequence[AppointmentLine], waiting: Sequence[WaitingLine]) -> None:
    studies = [*(row.study_id for row in waiting), *(row.study_id for row in rows if row.study_id)]
    leaving.record_search(actor, level="schedule", found=len(rows) + len(waiting), study_ids=studies)


def _day(request: HttpRequest) -> dt.date:
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()
    # The page leads to the days before and after.
    return day if dt.date.min < day < dt.date.max else timezone.localdate()


@require_POST
def take_file(request: HttpRequest) -> HttpResponse:
    """Take appointments from a CSV file, all of them or none."""
    actor = gate.member(request, services.WRITE)
    file = request.FILES.get("file")
    try:
        # Bounded by what is read: one byte too many is refused by the reader.
        found = csv_file.read(file.read(csv_file.MAX_BYTES + 1) if file else b"")
        saved = services.save(actor=actor, plans=found)
    except DomainError as error:
        messages.error(request, full_text_of(error))
    else:
        text = _("{added} appointments were added, {changed} were changed.")
        messages.success(request, text.format(added=saved.added, changed=saved.changed))
    return redirect("pacs:schedule")


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, unmatched_id: UUID) -> HttpResponse:
    """Say which appointment a study belongs to, or that it has none."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = selectors.get_waiting(actor=actor, unmatched_id=unmatched_id)
        access.require(actor, services.WRITE)
        page = contexts.build_decision(row)
    chosen = request.POST.get("appointment", "")
    if request.method == "POST" and chosen:
        appointment_id = parse_uuid(chosen)
        if appointment_id is None and chosen != "none":
            raise AppointmentNotFoundError
        services.decide(actor=actor, unmatched_id=unmatched_id, appointment_id=appointment_id)
        messages.success(request, _("The study is placed.") if appointment_id else _("The study needs no appointment."))
        return redirect("pacs:schedule")
    with tenant_scope(actor.tenant_id):
        _record(actor, page.candidates, [page.waiting])
    return render(request, "pacs/schedule_decide.html", {"page": page})


@require_POST
def separate(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Take a match back."""
    services.separate(actor=gate.insider(request), appointment_id=appointment_id)
    messages.success(request, _("Appointment and study are separate again; the study waits to be placed."))
    return redirect("pacs:schedule")
