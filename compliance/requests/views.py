"""Pages of requests and disclosures. A patient's name travels in the body of a request, never in an address."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
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
from common.clock import today
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.documents import record
from compliance.incidents import selectors as incidents
from compliance.pages import Link, Page
from compliance.requests import contexts, selectors, services
from compliance.requests.forms import (
    DenyForm,
    DisclosureForm,
    ExposureForm,
    FulfilForm,
    PatientForm,
    ReasonForm,
    RequestForm,
)


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Show the requests."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_requests(actor)
        audit.record(actor=actor, action="request.viewed", detail={"requests": len(page.main[0].rows)})
    return render(request, "compliance/page.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Write a request down: everybody at the desk may."""
    actor = gate.member(request, "compliance.contribute")
    form = RequestForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.receive_request(actor=actor, values=form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The request is written down."))
            readable = access.allows(actor, "compliance.read")
            return redirect("compliance:request", made) if readable else redirect("compliance:request-new")
    back = reverse("compliance:requests")
    title = _("Write a request down")
    context = {"form": form, "title": title, "crumbs": (Link(_("Requests"), back),), "submit": _("Save"), "back": back}
    return render(request, "compliance/page_form.html", context, status=422 if form.errors else 200)


@require_safe
def show(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one request."""
    return _page(request, gate.insider(request), request_id, {})


def _page(request: HttpRequest, actor: Actor, request_id: UUID, wrong: dict[str, Any]) -> HttpResponse:
    blank = {"fulfil": FulfilForm(), "deny": DenyForm(), "extend": ReasonForm()}
    with tenant_scope(actor.tenant_id):
        selectors.get_request(request_id)
        access.require(actor, "compliance.read")
        page = contexts.build_request(actor=actor, request_id=request_id, forms={**blank, **wrong})
        audit.record(actor=actor, action="request.viewed", subject_id=request_id)
    return render(request, "compliance/page.html", {"page": page}, status=422 if wrong else 200)


def _carry_out(
    request: HttpRequest, request_id: UUID, name: str, form: forms.Form, act: Callable[..., object]
) -> HttpResponse:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_request(request_id)
        access.require(actor, "compliance.write")
    if form.is_valid():
        try:
            act(actor=actor, request_id=request_id, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:request", request_id)
    return _page(request, actor, request_id, {name: form})


@require_POST
def extend(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take thirty days more."""
    return _carry_out(request, request_id, "extend", ReasonForm(request.POST), services.extend_request)


@require_POST
def fulfil(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Write down what was given."""
    return _carry_out(request, request_id, "fulfil", FulfilForm(request.POST), services.fulfil_request)


@require_POST
def deny(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Write down a denial."""
    return _carry_out(request, request_id, "deny", DenyForm(request.POST), services.deny_request)


# --- disclosures ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def disclosures(request: HttpRequest) -> HttpResponse:
    """Show the newest disclosures, and record one."""
    actor = gate.member(request, "compliance.write" if request.method == "POST" else "compliance.read")
    form = DisclosureForm(request.POST or None)
    if form.is_valid():
        try:
            services.record_disclosure(actor=actor, values=form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:disclosures")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_disclosures(actor=actor, forms={"record": form, "patient": PatientForm()})
    return _show_disclosures(request, actor, page, form)


def _show_disclosures(request: HttpRequest, actor: Actor, page: Page, form: forms.Form) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        audit.record(actor=actor, action="disclosure.viewed", detail={"disclosures": len(page.main[0].rows)})
    return render(request, "compliance/page.html", {"page": page}, status=422 if form.errors else 200)


@require_POST
def disclosures_of(request: HttpRequest) -> HttpResponse:
    """Show the account of one patient."""
    actor = gate.member(request, "compliance.read")
    form = PatientForm(request.POST)
    with tenant_scope(actor.tenant_id):
        name = form.cleaned_data["patient_name"] if form.is_valid() else ""
        found = selectors.account_of(name) if name else None
        hidden = PatientForm(initial={"patient_name": name})
        hidden.fields["patient_name"].widget = forms.HiddenInput()
        given = {"record": DisclosureForm(), "patient": form, "paper": hidden}
        page = contexts.build_disclosures(actor=actor, forms=given, of=name, found=found)
    return _show_disclosures(request, actor, page, form)


@require_POST
def account(request: HttpRequest) -> HttpResponse:
    """Send the account of one patient as a document (164.528(b)(2))."""
    actor = gate.member(request, "compliance.read")
    form = PatientForm(request.POST)
    if not form.is_valid():
        return disclosures_of(request)
    name = form.cleaned_data["patient_name"]
    with tenant_scope(actor.tenant_id):
        rows = selectors.account_of(name)
        audit.record(actor=actor, action="disclosure.account-given", detail={"disclosures": len(rows)})
    document = record.Record(
        title=f"Account of disclosures: {name}",
        subtitle="45 CFR 164.528: the six years before the day of this account",
        practice=accounts.tenant_name(actor.tenant_id),
        label=f"Made on {today().isoformat()}",
        blocks=(
            record.table(
                ("On", "To whom", "What", "Why"),
                [
                    (row.disclosed_date, f"{row.recipient} {row.recipient_address}", row.description, row.purpose)
                    for row in rows
                ],
                widths=(0.8, 1.5, 2, 2),
                empty="Nothing was disclosed that the rule asks to account for.",
            ),
            record.quiet(
                "Not listed: disclosures for treatment, payment and health care operations, to the patient, and those "
                "that the patient authorised (45 CFR 164.528(a)(1))."
            ),
        ),
    )
    response = HttpResponse(record.render(document), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="account-of-disclosures.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def account_for(request: HttpRequest, exposure_id: UUID) -> HttpResponse:
    """Record the disclosures that a report of exposure names."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        incidents.get_exposure(exposure_id)
        access.require(actor, "compliance.write")
    form = ExposureForm(request.POST or None)
    if form.is_valid():
        count = services.account_for_exposure(actor=actor, report_id=exposure_id, **form.cleaned_data)
        messages.success(request, _("New in the account of disclosures: {count}.").format(count=count))
        return redirect("compliance:exposure", exposure_id)
    back = reverse("compliance:exposure", args=[exposure_id])
    context = {
        "form": form,
        "title": _("Take it into the account of disclosures"),
        "crumbs": (Link(_("Who was exposed"), back),),
        "submit": _("Record for good"),
        "back": back,
    }
    return render(request, "compliance/page_form.html", context, status=422 if form.errors else 200)
