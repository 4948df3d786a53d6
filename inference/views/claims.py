"""Privacy claims with what holds now, the choice about training, and what analyses cost."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import gate, step_up
from common.errors import DomainError
from common.refusals import reason_of
from common.scope import tenant_scope
from inference import services
from inference.contexts import claims, registry
from inference.forms import RateForm, TrainingForm

READ = "network.read"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the claims; posting a purpose lets images be used for training."""
    actor = gate.member(request, "training.decide" if request.method == "POST" else READ)
    form = TrainingForm(request.POST or None)
    if form.is_valid():
        step_up.require(request)
        services.allow_training(actor=actor, purpose=form.cleaned_data["purpose"])
        messages.success(request, _("Recorded. Patients see it on their page from now on."))
        return redirect("inference:privacy")
    with tenant_scope(actor.tenant_id):
        page = claims.build(actor)
    return render(request, "inference/privacy.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@require_POST
def forbid(request: HttpRequest) -> HttpResponse:
    """Take the permission to train back."""
    actor = gate.member(request, "training.decide")
    services.forbid_training(actor=actor)
    messages.success(request, _("Taken back: no image is used for training."))
    return redirect("inference:privacy")


@require_http_methods(["GET", "HEAD", "POST"])
def costs(request: HttpRequest) -> HttpResponse:
    """Show what analyses cost by month; posting sets the price of a processor hour."""
    actor = gate.member(request, "network.manage" if request.method == "POST" else READ)
    form = RateForm(request.POST or None)
    if form.is_valid():
        try:
            services.set_rate(actor=actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            return redirect("inference:costs")
    with tenant_scope(actor.tenant_id):
        page = registry.costs(actor)
    return render(request, "inference/costs.html", {"page": page, "form": form}, status=422 if form.errors else 200)
