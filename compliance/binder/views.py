"""Pages of signed documents, and the documents themselves."""

from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access, gate, step_up
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from compliance.binder import contexts, documents
from compliance.binder.errors import DocumentNotFoundError
from compliance.models import DocumentSnapshot


@require_safe
def binder(request: HttpRequest) -> HttpResponse:
    """Show what can be printed and what was signed."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_binder(actor)
    return render(request, "compliance/page.html", {"page": page})


@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Sign a document as it is now; whoever signs confirms with a second factor."""
    actor = gate.member(request, "analysis.issue")
    kind = request.POST.get("kind", "")
    if kind not in documents.PARTS:
        raise DocumentNotFoundError
    step_up.require(request)
    documents.sign(actor=actor, kind=kind)
    messages.success(request, _("Signed, and kept for six years."))
    return redirect("compliance:binder")


@require_safe
def draft(request: HttpRequest) -> HttpResponse:
    """Send a document as it is now, marked as a draft."""
    actor = gate.member(request, "compliance.read")
    kind, file_format = request.GET.get("kind", ""), request.GET.get("format", "pdf")
    with tenant_scope(actor.tenant_id):
        content = documents.gather(actor=actor, kind=kind)
        audit.record(actor=actor, action="document.drafted", detail={"kind": kind})
    return _send({**content, "is_draft": True}, f"{kind}-draft", file_format, pdf=None)


@require_safe
def signed(request: HttpRequest, document_id: UUID, file_format: str) -> HttpResponse:
    """Send a signed document as it was signed."""
    actor, row = _reached(request, document_id)
    with tenant_scope(actor.tenant_id):
        if file_format == "pdf":
            return _file(documents.read_pdf(document_id), "application/pdf", f"{row.kind}-{row.sequence}.pdf")
        data = documents.read_data(document_id)
    if file_format == "json":
        return _file(data, "application/json", f"{row.kind}-{row.sequence}.json")
    return _send(orjson.loads(data), f"{row.kind}-{row.sequence}", file_format, pdf=b"")


def _reached(request: HttpRequest, document_id: UUID) -> tuple[Actor, DocumentSnapshot]:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = documents.get_signed(document_id)
        access.require(actor, "compliance.read")
        audit.record(actor=actor, action="document.read", subject_id=document_id)
    return actor, row


def _send(content: documents.Content, name: str, file_format: str, *, pdf: bytes | None) -> HttpResponse:
    if file_format == "json":
        return _file(documents.as_json(content), "application/json", f"{name}.json")
    if file_format == "csv":
        return _file(documents.as_csv(content), "text/csv; charset=utf-8", f"{name}.csv")
    if file_format == "pdf" and pdf is None:
        return _file(documents.as_pdf(content), "application/pdf", f"{name}.pdf")
    raise DocumentNotFoundError


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    kind = "inline" if media_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response
