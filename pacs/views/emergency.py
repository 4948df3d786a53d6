"""Breaking the glass: the page that asks for a reason, the end of an emergency, and its review."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services as accounts
from accounts import step_up
from audit import services as audit
from pacs import gate
from pacs.contexts import emergency as contexts

OPEN = "emergency.open"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why must you reach this patient now?"),
        help_text=gettext_lazy("The compliance officer reads it. Leave the name of the patient out of it."),
        min_length=accounts.MIN_REASON,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )


class ReviewForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("Was it justified?"),
        choices=[("justified", gettext_lazy("Yes")), ("unjustified", gettext_lazy("No"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Take a reason and open the patient of this study for an hour."""
    reached = gate.find_study(request, study_id=study_id, action=OPEN)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        step_up.require(request)
        accounts.open_emergency(
            actor=reached.actor,
            patient_id=reached.study.patient_row_id,
            study_id=study_id,
            reason=form.cleaned_data["reason"],
        )
        return redirect("pacs:study", study_id)
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="emergency")
        page = contexts.ask_page(actor=reached.actor, study_id=study_id, minutes=accounts.EMERGENCY_MINUTES)
    return render(request, "pacs/emergency.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, emergency_id: UUID) -> HttpResponse:
    """End an emergency before its time."""
    accounts.end_emergency(actor=gate.insider(request), emergency_id=emergency_id)
    messages.success(request, _("The emergency access has ended."))
    return redirect("pacs:worklist")


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what waits for a review."""
    actor = gate.member(request, "emergency.review")
    page = contexts.review_list(actor)
    shown = [str(row.line.study_id) for row in (*page.waiting, *page.reviewed)]
    audit.record(actor=actor, action="emergency.read", detail={"studies": shown})
    return render(request, "pacs/emergencies.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, emergency_id: UUID) -> HttpResponse:
    """Show everything that was done in an emergency, and take a verdict."""
    actor = gate.insider(request)
    page = contexts.review_page(actor=actor, emergency_id=emergency_id)
    line = page.row.line
    audit.record(
        actor=actor, action="emergency.read", study_id=line.study_id, patient_id=line.patient_id, subject_id=line.id
    )
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        accounts.review_emergency(actor=actor, emergency_id=emergency_id, **form.cleaned_data)
        messages.success(request, _("The review is written down."))
        return redirect("pacs:emergencies")
    status = 422 if form.errors else 200
    return render(request, "pacs/emergency_review.html", {"page": page, "form": form}, status=status)
