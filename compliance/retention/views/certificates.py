"""Certificates of destruction."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.scope import tenant_scope
from compliance.retention import certificates
from compliance.retention.contexts import deletion as contexts
from pacs import gate


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """List what was destroyed."""
    actor = gate.member(request, "retention.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_certificates()
    return render(request, "compliance/retention/certificates.html", {"page": page})


@require_safe
def as_pdf(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Answer a certificate for people."""
    data = certificates.read_pdf(actor=gate.insider(request), item_id=item_id)
    return _file(data, "application/pdf", "inline", f"destruction-{item_id}.pdf")


@require_safe
def as_json(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Answer the signed file."""
    data = certificates.read_file(actor=gate.insider(request), item_id=item_id)
    return _file(data, "application/json", "attachment", f"destruction-{item_id}.json")


def _file(data: bytes, media_type: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response
