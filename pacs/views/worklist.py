"""The worklist."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from audit import services as audit
from common.ids import parse_uuid
from common.scope import tenant_scope
from pacs import gate, worklist
from pacs.contexts import worklist as contexts
from pacs.forms import SearchForm

UNDO = "undo_study_id"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List studies; what is searched for is posted, and who saw how many is in the audit log."""
    actor = gate.member(request, "study.list")
    form = SearchForm(request.POST if request.method == "POST" else {})
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
    is_valid = form.is_valid()
    with tenant_scope(actor.tenant_id):
        page = contexts.build(
            actor=actor,
            search=form.search if is_valid else worklist.Search(),
            sort=form.cleaned_data.get("sort") or worklist.DEFAULT_SORT,
            cursor=form.cleaned_data.get("cursor", ""),
            is_fragment=is_fragment,
            undo_id=None if is_fragment else _just_deleted(request),
        )
        audit.record(
            actor=actor,
            action="worklist.viewed",
            detail={"rows": len(page.rows), "studies": [str(row.id) for row in page.rows]},
        )
    template = "pacs/worklist.html#results" if is_fragment else "pacs/worklist.html"
    return render(request, template, {"page": page, "form": form}, status=200 if is_valid else 422)


def _just_deleted(request: HttpRequest) -> UUID | None:
    return parse_uuid(request.session.pop(UNDO, ""))
