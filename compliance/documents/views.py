"""The page of documents, and the documents themselves."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from compliance.analysis import selectors as analyses
from compliance.documents import content, contexts, pdf, snapshots, spreadsheet
from compliance.documents.errors import NoAnalysisError
from pacs import gate


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what was issued, and offer drafts."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_documents(actor=actor, before=_number(request.GET.get("cursor", "")))
    return render(request, "compliance/documents/list.html", {"page": page})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Compare everything that was issued with its digests, now."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        found = snapshots.check_all()
        audit.record(actor=actor, action="documents.checked", detail={"checked": found.checked})
        page = contexts.build_documents(actor=actor, check=found)
    return render(request, "compliance/documents/list.html", {"page": page})


# --- issued -----------------------------------------------------------------------------------------------------------


@require_safe
def issued_pdf(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """Answer the PDF as it was issued."""
    actor, row = _reached(request, snapshot_id)
    with tenant_scope(actor.tenant_id):
        data = snapshots.read_pdf(snapshot_id)
    return _file(data, "application/pdf", f"risk-analysis-{row.sequence}.pdf")


@require_safe
def issued_json(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """Answer the data as it was issued."""
    actor, row = _reached(request, snapshot_id)
    with tenant_scope(actor.tenant_id):
        data = snapshots.read_data(snapshot_id)
    return _file(data, "application/json", f"risk-analysis-{row.sequence}.json")


@require_safe
def issued_csv(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """Answer the register as it was issued, as CSV."""
    actor, row = _reached(request, snapshot_id)
    with tenant_scope(actor.tenant_id):
        data = snapshots.read_data(snapshot_id)
    return _register(orjson.loads(data), f"risk-register-{row.sequence}.csv")


def _reached(request: HttpRequest, snapshot_id: UUID) -> tuple[Actor, snapshots.SnapshotRow]:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = snapshots.get_snapshot(snapshot_id)
        access.require(actor, "compliance.read")
        audit.record(actor=actor, action="document.read", subject_id=snapshot_id)
    return actor, row


# --- drafts -----------------------------------------------------------------------------------------------------------


@require_safe
def draft_pdf(request: HttpRequest) -> HttpResponse:
    """Answer the present state as a PDF that says on each page that it is a draft."""
    return _file(pdf.render(_present(request), is_draft=True), "application/pdf", "risk-analysis-draft.pdf")


@require_safe
def draft_json(request: HttpRequest) -> HttpResponse:
    """Answer the present state as JSON."""
    return _file(content.as_json(_present(request)), "application/json", "risk-analysis-draft.json")


@require_safe
def draft_csv(request: HttpRequest) -> HttpResponse:
    """Answer the present register as CSV."""
    return _register(_present(request), "risk-register-draft.csv")


def _present(request: HttpRequest) -> dict[str, Any]:
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        analysis = analyses.current_analysis(actor)
        if analysis is None:
            raise NoAnalysisError
        audit.record(actor=actor, action="document.drafted", subject_id=analysis.id)
        return {**content.gather(actor=actor, analysis_id=analysis.id), "is_draft": True}


def _register(found: dict[str, Any], name: str) -> HttpResponse:
    return _file(spreadsheet.write_register(found).encode(), "text/csv; charset=utf-8", name)


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    kind = "inline" if media_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response
