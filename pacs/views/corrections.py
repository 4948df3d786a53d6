"""A study with the wrong patient."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import services as audit
from common.ids import parse_uuid
from common.refusals import full_text_of, title_of
from pacs import gate, services
from pacs.contexts import correction as contexts
from pacs.dicomweb import access
from pacs.errors import CorrectionSupersededError, PatientIdTakenError, SamePatientError, SplitInUseError
from pacs.forms import CorrectionForm, FindPatientForm
from pacs.gate import Reached

CORRECT = "patient.correct"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Look for the right patient, then move the study or merge the patients."""
    reached = gate.find_study(request, study_id=study_id, action=CORRECT)
    is_finding = request.POST.get("action") == "find"
    finding = FindPatientForm(request.POST or None)
    form = CorrectionForm(request.POST if request.method == "POST" and not is_finding else None)
    if form.is_valid():
        try:
            _carry_out(reached, study_id, form)
        except (PatientIdTakenError, SamePatientError) as refusal:
            form.add_error(None, title_of(refusal))
        else:
            messages.success(request, _("The study is with the other patient now. It can be taken back below."))
            return redirect("pacs:correct", study_id)
    text = finding.cleaned_data.get("find", "") if finding.is_valid() else ""
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="correction")
        page = contexts.build(actor=reached.actor, study_id=study_id, text=text)
    is_fragment = is_finding and bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
    template = "pacs/_patients.html" if is_fragment else "pacs/correct.html"
    context = {"page": page, "found": page.found, "form": form, "finding": finding}
    return render(request, template, context, status=422 if form.errors else 200)


def _carry_out(reached: Reached, study_id: UUID, form: CorrectionForm) -> None:
    target = form.who
    if form.cleaned_data["scope"] == "patient" and isinstance(target, UUID):
        services.merge_patients(actor=reached.actor, study_id=study_id, into_id=target)
    else:
        services.move_study(actor=reached.actor, study_id=study_id, to=target)


@require_POST
def undo(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    """Take a correction back."""
    try:
        services.undo_correction(actor=gate.insider(request), correction_id=correction_id)
    except (CorrectionSupersededError, SplitInUseError) as refusal:
        messages.error(request, full_text_of(refusal))
    else:
        access.forget()
        messages.success(request, _("The correction is taken back."))
    study_id = parse_uuid(request.POST.get("study", ""))
    return redirect("pacs:correct", study_id) if study_id else redirect("pacs:worklist")
