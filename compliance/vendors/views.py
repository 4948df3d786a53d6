"""Pages of vendors and agreements."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, gate
from common.actor import Actor
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.packs import selectors as packs
from compliance.vendors import agreements, contexts, selectors, services
from compliance.vendors.forms import (
    AgreementForm,
    CopyForm,
    EndForm,
    ExitForm,
    NoteForm,
    SignForm,
    SubProcessorForm,
    UsesForm,
    VendorForm,
    read_findings,
)
from compliance.vendors.services import Upload


@require_safe
def vendors(request: HttpRequest) -> HttpResponse:
    """Show the register."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_vendors(actor)
    return render(request, "compliance/vendors/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Write a vendor into the register."""
    actor = gate.member(request, "compliance.write")
    with tenant_scope(actor.tenant_id):
        form = VendorForm(request.POST or None)
        needs = packs.active().agreement_needs
        if form.is_valid():
            try:
                vendor_id = services.add_vendor(actor=actor, values=form.cleaned_data)
            except DomainError as refusal:
                form.add_error("name", str(refusal))
            else:
                return redirect("compliance:vendor", vendor_id)
    context = {"form": form, "page": None, "needs": needs}
    return render(request, "compliance/vendors/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Change what is known of a vendor."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        page = contexts.build_vendor(actor=actor, vendor_id=vendor_id)
        form = VendorForm(request.POST or None, instance=row)
        needs = packs.active().agreement_needs
        if form.is_valid():
            try:
                services.change_vendor(actor=actor, vendor_id=vendor_id, values=form.cleaned_data)
            except DomainError as refusal:
                form.add_error("name", str(refusal))
            else:
                messages.success(request, _("The change is saved."))
                return redirect("compliance:vendor", vendor_id)
    context = {"form": form, "page": page, "needs": needs}
    return render(request, "compliance/vendors/form.html", context, status=422 if form.errors else 200)


@require_safe
def vendor(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Show one vendor."""
    actor = gate.insider(request)
    return _vendor_page(request, actor, vendor_id)


def _vendor_page(
    request: HttpRequest, actor: Actor, vendor_id: UUID, wrong: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """Show a vendor with its forms; of one that was not understood, with what was wrong about it."""
    with tenant_scope(actor.tenant_id):
        selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.read")
        page = contexts.build_vendor(actor=actor, vendor_id=vendor_id)
        uses = UsesForm(initial=contexts.used_ids(vendor_id), **contexts.use_choices())
    shown: dict[str, Any] = {"uses": uses, "sub": SubProcessorForm(), "end": EndForm(), "exit": ExitForm()}
    context = {"page": page, "forms": {**shown, **(wrong or {})}}
    return render(request, "compliance/vendors/vendor.html", context, status=422 if wrong else 200)


def _carry_out(
    request: HttpRequest, vendor_id: UUID, name: str, form: Any, act: Callable[[Actor, Any], object], *, said: str
) -> HttpResponse:
    """Do what a form of the vendor's page asks for, or show it again with what is wrong."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
    if form.is_valid():
        try:
            act(actor, form)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("compliance:vendor", vendor_id)
    return _vendor_page(request, actor, vendor_id, {name: form})


@require_POST
def end(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Say that a vendor works for the practice no more."""

    def act(actor: Actor, form: EndForm) -> None:
        services.end_vendor(actor=actor, vendor_id=vendor_id, **form.cleaned_data)

    said = _("The relation has ended. Record what became of the data.")
    return _carry_out(request, vendor_id, "end", EndForm(request.POST), act, said=said)


@require_POST
def resume(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Take an end back."""
    services.resume_vendor(actor=gate.insider(request), vendor_id=vendor_id)
    return redirect("compliance:vendor", vendor_id)


@require_POST
def uses(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Say where a vendor is at work."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_vendor(vendor_id)
        form = UsesForm(request.POST, **contexts.use_choices())

    def act(actor: Actor, form: UsesForm) -> None:
        services.set_uses(actor=actor, vendor_id=vendor_id, **form.ids())

    return _carry_out(request, vendor_id, "uses", form, act, said=_("Saved."))


@require_POST
def add_sub_processor(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Name a sub-processor."""

    def act(actor: Actor, form: SubProcessorForm) -> None:
        services.add_sub_processor(actor=actor, vendor_id=vendor_id, values=form.cleaned_data)

    return _carry_out(request, vendor_id, "sub", SubProcessorForm(request.POST), act, said=_("Added."))


@require_POST
def remove_sub_processor(request: HttpRequest, sub_id: UUID) -> HttpResponse:
    """Take a sub-processor off the list; the history keeps it."""
    return redirect("compliance:vendor", services.remove_sub_processor(actor=gate.insider(request), sub_id=sub_id))


@require_POST
def record_exit(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Record what became of the data."""

    def act(actor: Actor, form: ExitForm) -> None:
        services.record_exit(actor=actor, vendor_id=vendor_id, draft=form.draft(), upload=form.upload())

    return _carry_out(request, vendor_id, "exit", ExitForm(request.POST, request.FILES), act, said=_("Recorded."))


@require_safe
def proof_file(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """Send the certificate of a destruction."""
    return _file(services.open_proof(actor=gate.insider(request), proof_id=proof_id))


# --- agreements -------------------------------------------------------------------------------------------------------


@require_POST
def draft(request: HttpRequest, vendor_id: UUID) -> HttpResponse:
    """Begin an agreement, or go on with the one that is not signed yet."""
    made = agreements.draft_agreement(actor=gate.insider(request), vendor_id=vendor_id)
    return redirect("compliance:agreement-edit", made)


@require_safe
def agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Show one agreement, clause by clause."""
    return _agreement_page(request, gate.insider(request), agreement_id)


def _agreement_page(
    request: HttpRequest,
    actor: Actor,
    agreement_id: UUID,
    *,
    wrong: dict[str, forms.Form] | None = None,
    refusal: str = "",
) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        selectors.get_agreement(agreement_id)
        access.require(actor, "compliance.read")
        page = contexts.build_agreement(actor=actor, agreement_id=agreement_id)
    days = {"effective_date": page.line.effective_date, "expiry_date": page.line.expiry_date}
    shown: dict[str, Any] = {"sign": SignForm(initial=days), "copy": CopyForm(), "end": EndForm(), "note": NoteForm()}
    context = {"page": page, "forms": {**shown, **(wrong or {})}, "refusal": refusal}
    status = 422 if wrong or refusal else 200
    return render(request, "compliance/vendors/agreement.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Change the terms of an agreement that is not signed."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = selectors.get_agreement(agreement_id)
        access.require(actor, "compliance.write")
        form = AgreementForm(request.POST or None, instance=row)
        if form.is_valid():
            try:
                agreements.change_agreement(actor=actor, agreement_id=agreement_id, values=form.cleaned_data)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The change is saved."))
                return redirect("compliance:agreement", agreement_id)
    context = {"form": form, "agreement": row}
    return render(request, "compliance/vendors/agreement_form.html", context, status=422 if form.errors else 200)


@require_POST
def findings(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Write down which clauses were found."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_agreement(agreement_id)
        access.require(actor, "compliance.write")
        given = read_findings(request.POST, packs.active().clauses.values())
    try:
        agreements.record_findings(actor=actor, agreement_id=agreement_id, findings=given)
    except DomainError as refusal:
        return _agreement_page(request, actor, agreement_id, refusal=str(refusal))
    messages.success(request, _("The checklist is saved."))
    return redirect("compliance:agreement", agreement_id)


def _carry_out_agreement(
    request: HttpRequest, agreement_id: UUID, name: str, form: Any, act: Callable[[Actor, dict[str, Any]], object]
) -> HttpResponse:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_agreement(agreement_id)
        access.require(actor, "compliance.write")
    if form.is_valid():
        try:
            act(actor, form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("compliance:agreement", agreement_id)
    return _agreement_page(request, actor, agreement_id, wrong={name: form})


def _upload(data: dict[str, Any]) -> Upload:
    file = data.pop("file")
    return Upload(file.name, file.read())


@require_POST
def sign(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Write down that an agreement is signed, and keep the signed copy."""

    def act(actor: Actor, data: dict[str, Any]) -> None:
        agreements.sign_agreement(actor=actor, agreement_id=agreement_id, copy=_upload(data), **data)

    return _carry_out_agreement(request, agreement_id, "sign", SignForm(request.POST, request.FILES), act)


@require_POST
def add_copy(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Keep another paper."""

    def act(actor: Actor, data: dict[str, Any]) -> None:
        agreements.add_copy(actor=actor, agreement_id=agreement_id, copy=_upload(data))

    return _carry_out_agreement(request, agreement_id, "copy", CopyForm(request.POST, request.FILES), act)


@require_POST
def review(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Write down that the agreement was looked at again."""

    def act(actor: Actor, data: dict[str, Any]) -> None:
        agreements.review_agreement(actor=actor, agreement_id=agreement_id, note=data["note"])

    return _carry_out_agreement(request, agreement_id, "note", NoteForm(request.POST), act)


@require_POST
def end_agreement(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """Write down that an agreement ended."""

    def act(actor: Actor, data: dict[str, Any]) -> None:
        agreements.end_agreement(actor=actor, agreement_id=agreement_id, **data)

    return _carry_out_agreement(request, agreement_id, "end", EndForm(request.POST), act)


@require_safe
def copy_file(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """Send a signed copy."""
    return _file(agreements.open_copy(actor=gate.insider(request), copy_id=copy_id))


def _file(opened: Upload) -> HttpResponse:
    response = HttpResponse(opened.data, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=opened.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
