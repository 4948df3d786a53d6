"""Studies whose patient is in doubt."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from audit import services as audit
from common.errors import InvalidInputError
from common.ids import parse_uuid
from common.refusals import title_of
from common.scope import tenant_scope
from pacs import gate, services
from pacs.contexts import conflicts as contexts
from pacs.errors import PatientIdTakenError
from pacs.forms import DecisionForm
from pacs.services import Decision

_DONE = {
    Decision.SAME: gettext_lazy("Decided: the same person. The study is in the worklist."),
    Decision.OTHER: gettext_lazy("Decided: another person. The study is in the worklist."),
    Decision.REFUSE: gettext_lazy("Refused. The study lies in the bin."),
}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what waits for a decision; both sides are read here, so that is written down."""
    actor = gate.member(request, "conflict.decide")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor, before_id=parse_uuid(request.GET.get("cursor", "")))
        if page.rows:
            studies = [str(row.study.id) for row in page.rows]
            audit.record(actor=actor, action="conflicts.viewed", detail={"rows": len(studies), "studies": studies})
    return render(request, "pacs/conflicts.html", {"page": page})


@require_POST
def decide(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Settle one study."""
    reached = gate.find_study(request, study_id=study_id, action="conflict.decide")
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError(_("Choose one of the decisions."))
    decision = Decision(form.cleaned_data["decision"])
    try:
        services.decide_conflict(
            actor=reached.actor, study_id=study_id, decision=decision, patient_id=form.cleaned_data["patient_id"]
        )
    except PatientIdTakenError as refusal:
        messages.error(request, title_of(refusal))
    else:
        messages.success(request, _DONE[decision])
    return redirect("pacs:conflicts")
