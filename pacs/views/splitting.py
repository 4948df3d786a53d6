"""A study in which series of somebody else, or of another examination, lie."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import services as audit
from common.errors import ConflictError
from common.refusals import reason_of
from pacs import gate, services
from pacs.contexts import splitting as contexts
from pacs.dicomweb import access
from pacs.errors import SplitSeriesError
from pacs.forms import FindPatientForm, SplitForm
from pacs.gate import Reached
from pacs.views.corrections import CORRECT


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Choose series and whose they are, then make a study of them."""
    reached = gate.find_study(request, study_id=study_id, action=CORRECT)
    is_finding = request.POST.get("action") == "find"
    finding = FindPatientForm(request.POST or None)
    # What was chosen already stays so while a patient is looked for.
    form = SplitForm(initial=request.POST.dict()) if is_finding or not request.POST else SplitForm(request.POST)
    if form.is_valid() and _carry_out(reached, study_id, form):
        messages.success(request, _("The series are a study of their own now. It can be taken back below."))
        return redirect("pacs:correct", study_id)
    text = finding.cleaned_data.get("find", "") if finding.is_valid() else ""
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="correction")
        chosen = request.POST.getlist("series")
        page = contexts.build(actor=reached.actor, study_id=study_id, text=text, chosen=chosen)
    is_fragment = is_finding and bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
    template = "pacs/_patients.html" if is_fragment else "pacs/split.html"
    context = {"page": page, "found": page.found, "form": form, "finding": finding}
    return render(request, template, context, status=422 if form.errors else 200)


def _carry_out(reached: Reached, study_id: UUID, form: SplitForm) -> bool:
    """Split the study; where that is refused, the form says why."""
    try:
        services.split_study(actor=reached.actor, study_id=study_id, series_ids=form.cleaned_data["series"], to=form.to)
    except (ConflictError, SplitSeriesError) as refusal:
        form.add_error(None, reason_of(refusal))
        return False
    # What this process remembers of who reads which series.
    access.forget()
    return True
