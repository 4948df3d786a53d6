"""Writing, signing and reading reports."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import services as audit
from common.actor import Actor
from common.errors import NotFoundError
from common.refusals import reason_of, title_of
from pacs import gate
from pacs.contexts import report as contexts
from pacs.errors import ReportChangedError
from pacs.forms import ReportForm
from pacs.reports import services as reports
from pacs.reports.services import EmptyReportError, ReportRef


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Write the report of a study: save it, look at it as PDF, or sign it."""
    reached = gate.find_study(request, study_id=study_id, action="report.write")
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="report")
        page = contexts.build(actor=reached.actor, study_id=study_id)
    form = ReportForm(request.POST if request.method == "POST" else None, initial=asdict(page.text))
    if form.is_valid():
        draft = reports.save_draft(actor=reached.actor, study_id=study_id, text=form.text)
        try:
            return _go_on(request, reached.actor, draft)
        except EmptyReportError as refusal:
            form.add_error("observations", reason_of(refusal))
        except ReportChangedError as refusal:
            form.add_error(None, title_of(refusal))
    status = 422 if form.errors else 200
    return render(request, "pacs/report_form.html", {"page": page, "form": form}, status=status)


def _go_on(request: HttpRequest, actor: Actor, draft: ReportRef) -> HttpResponse:
    """Do what was asked with a saved draft."""
    action = request.POST.get("action")
    if action == "preview":
        return redirect("pacs:report-version", draft.study_id, draft.id)
    if action == "sign":
        reports.sign(actor=actor, draft=draft)
        messages.success(request, _("The report is signed. The people with whom the study is shared can read it now."))
        return redirect("pacs:study", draft.study_id)
    messages.success(request, _("The draft is saved."))
    return redirect("pacs:report", draft.study_id)


@require_safe
def newest_pdf(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Answer the newest signed report, to staff and to guests whose link lets them read it."""
    reached = gate.find_study(request, study_id=study_id, action="report.read")
    with gate.enter(reached):
        versions = reports.list_reports(actor=reached.actor, study_id=study_id)
    signed = next((report for report in versions if report.is_signed), None)
    if signed is None:
        raise NotFoundError(_("No report of this study is signed yet."))
    return _pdf(reports.open_pdf(actor=reached.actor, study_id=study_id, report_id=signed.id))


@require_safe
def version_pdf(request: HttpRequest, study_id: UUID, report_id: UUID) -> HttpResponse:
    """Answer one version; of a draft, a PDF that says so."""
    reached = gate.find_study(request, study_id=study_id, action="report.read")
    return _pdf(reports.open_pdf(actor=reached.actor, study_id=study_id, report_id=report_id))


def _pdf(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    # The name says nothing about anybody: browsers keep lists of downloads.
    response["Content-Disposition"] = 'inline; filename="report.pdf"'
    return response
