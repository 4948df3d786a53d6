"""The bin."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.ids import parse_uuid
from common.scope import tenant_scope
from pacs import gate, leaving, services
from pacs.contexts import bin as contexts


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List deleted studies to who may take them out; who saw which is written down."""
    actor = gate.member(request, "study.restore")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor, before_id=parse_uuid(request.GET.get("cursor", "")))
        studies = [row.study.id for row in page.rows]
        leaving.record_search(actor, level="bin", found=len(studies), study_ids=studies)
    return render(request, "pacs/bin.html", {"page": page})


@require_POST
def restore(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Take a study out of the bin."""
    services.restore_study(actor=gate.insider(request), study_id=study_id)
    messages.success(request, _("The study is back in the worklist."))
    return redirect("pacs:study", study_id)
