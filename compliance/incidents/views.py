"""Pages of incidents."""

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, gate
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.documents import record
from compliance.documents.spreadsheet import harmless
from compliance.incidents import contexts, letters, selectors, services
from compliance.incidents.errors import IncidentNotFoundError
from compliance.incidents.forms import AssessmentForm, ExposureForm, IncidentForm, NoteForm, NoticeForm, ReportForm
from compliance.models import ExposureReport
from compliance.pages import Link, instant


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """Show the log."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_incidents(actor)
    return render(request, "compliance/page.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Write an incident down: everybody of the practice may."""
    actor = gate.member(request, "compliance.contribute")
    form = ReportForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.report_incident(actor=actor, values=form.values())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The incident is written down. The compliance officer goes on with it."))
            readable = access.allows(actor, "compliance.read")
            return redirect("compliance:incident", made) if readable else redirect("compliance:incident-new")
    return _form(request, form, _("Report an incident"), _("Report it"), reverse("compliance:incidents"))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Change what is known."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
    known = {name: getattr(row, name) for name in IncidentForm.base_fields}
    known["affected"] = "\n".join(f"{place} {count}" for place, count in sorted(row.affected.items()))
    form = IncidentForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            services.change_incident(actor=actor, incident_id=incident_id, values=form.values())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The change is saved."))
            return redirect("compliance:incident", incident_id)
    back = reverse("compliance:incident", args=[incident_id])
    return _form(request, form, f"I-{row.number} {row.title}", _("Save"), back)


def _form(request: HttpRequest, form: Any, title: str, submit: str, back: str) -> HttpResponse:
    crumbs = (Link(_("Incidents"), reverse("compliance:incidents")),)
    context = {"form": form, "title": title, "crumbs": crumbs, "submit": submit, "back": back}
    return render(request, "compliance/page_form.html", context, status=422 if form.errors else 200)


@require_safe
def incident(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Show one incident."""
    return _page(request, gate.insider(request), incident_id, {})


def _page(request: HttpRequest, actor: Actor, incident_id: UUID, wrong: dict[str, Any]) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        selectors.get_incident(incident_id)
        access.require(actor, "compliance.read")
        blank: dict[str, Any] = {
            "assess": AssessmentForm(),
            "notice": NoticeForm(),
            "note": NoteForm(),
            "exposure": ExposureForm(subjects=contexts.subjects()),
        }
        page = contexts.build_incident(actor=actor, incident_id=incident_id, forms={**blank, **wrong})
    return render(request, "compliance/page.html", {"page": page}, status=422 if wrong else 200)


def _carry_out(
    request: HttpRequest, incident_id: UUID, name: str, form: Any, act: Callable[[Actor], object]
) -> HttpResponse:
    """Do what a form of the incident's page asks for, or show it again with what is wrong."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
    if form.is_valid():
        try:
            act(actor)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:incident", incident_id)
    return _page(request, actor, incident_id, {name: form})


@require_POST
def assess(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Weigh the four factors."""
    form = AssessmentForm(request.POST)

    def act(actor: Actor) -> None:
        services.assess_incident(actor=actor, incident_id=incident_id, draft=form.draft())

    return _carry_out(request, incident_id, "assess", form, act)


@require_POST
def notice(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Record that somebody was told."""
    form = NoticeForm(request.POST)

    def act(actor: Actor) -> None:
        services.record_notice(actor=actor, incident_id=incident_id, draft=form.draft())

    return _carry_out(request, incident_id, "notice", form, act)


@require_POST
def close(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Close an incident."""
    form = NoteForm(request.POST)

    def act(actor: Actor) -> None:
        services.close_incident(actor=actor, incident_id=incident_id, note=form.cleaned_data["note"])

    return _carry_out(request, incident_id, "note", form, act)


@require_POST
def reopen(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Open a closed incident again."""
    form = NoteForm(request.POST)

    def act(actor: Actor) -> None:
        services.reopen_incident(actor=actor, incident_id=incident_id, note=form.cleaned_data["note"])

    return _carry_out(request, incident_id, "note", form, act)


@require_POST
def find_exposure(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Read the access log for who was exposed."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_incident(incident_id)
        form = ExposureForm(request.POST, subjects=contexts.subjects())

    def act(actor: Actor) -> None:
        services.report_exposure(actor=actor, incident_id=incident_id, wanted=form.wanted())

    return _carry_out(request, incident_id, "exposure", form, act)


# --- reports and letters ----------------------------------------------------------------------------------------------


@require_safe
def exposed(request: HttpRequest, exposure_id: UUID) -> HttpResponse:
    """Show who was exposed."""
    _actor, found = _reached(request, exposure_id)
    return render(request, "compliance/page.html", {"page": contexts.build_exposure(found)})


@require_safe
def exposed_csv(request: HttpRequest, exposure_id: UUID) -> HttpResponse:
    """Send the list as a spreadsheet, for the letters."""
    _actor, found = _reached(request, exposure_id)
    out = io.StringIO()
    writer = csv.writer(out)
    columns = ("patient", "patient_id", "study_date", "description", "study_id")
    writer.writerow([*columns, "opened", "first_at", "last_at", "frames"])
    for name in ("opened", "not_opened"):
        for line in found.content[name]:
            seen = [line.get("first_at", ""), line.get("last_at", ""), line.get("frames", "")]
            is_opened = "yes" if name == "opened" else "no"
            writer.writerow([*(harmless(line[column]) for column in columns), is_opened, *seen])
    return _file(out.getvalue().encode(), "text/csv; charset=utf-8", "exposed.csv")


@require_safe
def exposed_pdf(request: HttpRequest, exposure_id: UUID) -> HttpResponse:
    """Send the report as a document."""
    actor, found = _reached(request, exposure_id)
    lines = [
        (line["patient"] or "–", line["study_date"], line["first_at"][:16], line["last_at"][:16], line["frames"])
        for line in found.content["opened"]
    ]
    document = record.Record(
        title=f"Who was exposed: {found.subject_name}",
        subtitle=f"Incident I-{found.incident.number}: {found.incident.title}",
        practice=accounts.tenant_name(actor.tenant_id),
        label=f"Read from the access log on {instant(found.made_at)}",
        blocks=(
            record.facts(
                [
                    ("Of", found.get_subject_kind_display()),
                    ("From", instant(found.since)),
                    ("Until", instant(found.until)),
                    ("Events", found.content["events"]),
                    ("Patients", found.content["patients"]),
                    ("SHA-256 of the data", found.sha256),
                ]
            ),
            record.heading("Opened"),
            record.table(
                ("Patient", "Study date", "First (UTC)", "Last (UTC)", "Frames"), lines, widths=(2, 1, 1.3, 1.3, 0.7)
            ),
            record.heading("Within reach, not opened"),
            record.table(
                ("Patient", "Study date"), [(one["patient"], one["study_date"]) for one in found.content["not_opened"]]
            ),
            record.quiet(record.NOT_ADVICE),
        ),
    )
    return _file(record.render(document), "application/pdf", "exposed.pdf")


def _reached(request: HttpRequest, exposure_id: UUID) -> tuple[Actor, ExposureReport]:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = selectors.get_exposure(exposure_id)
        access.require(actor, "compliance.read")
        audit.record(actor=actor, action="incident.exposure-opened", subject_id=exposure_id)
    return actor, found


@require_safe
def letter(request: HttpRequest, incident_id: UUID, letter_kind: str) -> HttpResponse:
    """Send the draft of a letter as a document."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.read")
    if letter_kind not in letters.KINDS:
        raise IncidentNotFoundError
    practice = accounts.tenant_name(actor.tenant_id)
    made = letters.letter_of(row, letter_kind, practice)
    blocks = [block for name, text in made.parts for block in (record.heading(name), record.words(text))]
    if made.lacks:
        blocks.insert(0, record.quiet(_("Not known yet: {names}").format(names=", ".join(made.lacks))))
    document = record.Record(
        title=made.title,
        subtitle=f"DRAFT, {made.citation}",
        practice=practice,
        label=f"I-{row.number}",
        blocks=tuple(blocks),
    )
    return _file(record.render(document), "application/pdf", f"letter-{letter_kind}.pdf")


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    kind = "inline" if media_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response
