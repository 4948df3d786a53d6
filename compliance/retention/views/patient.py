"""Where a patient asks for deletion or longer keeping, and reads the answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.actor import Actor
from compliance.retention import wishes
from compliance.retention.contexts import patient as contexts
from compliance.retention.errors import WishRefusedError
from compliance.retention.forms import WishForm
from sharing import patient_contexts
from sharing.errors import VisitEndedError


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show until when the images are kept, and take a request."""
    actor = _patient(request)
    if actor is None:
        return redirect("sharing:patient")
    form = WishForm(request.POST or None)
    if form.is_valid():
        try:
            wishes.ask(actor=actor, wish=form.cleaned_data["wish"], until=form.cleaned_data["until"])
        except WishRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The practice was told. You find its answer here."))
            return redirect("keeping:ask")
    page = contexts.build(actor=actor)
    context = {"page": page, "form": form}
    return render(request, "compliance/retention/patient.html", context, status=422 if form.errors else 200)


@require_POST
def take_back(request: HttpRequest, wish_id: UUID) -> HttpResponse:
    """Take a request back that nobody has answered."""
    actor = _patient(request)
    if actor is None:
        raise VisitEndedError
    wishes.take_back(actor=actor, wish_id=wish_id)
    messages.success(request, _("Taken back."))
    return redirect("keeping:ask")


def _patient(request: HttpRequest) -> Actor | None:
    return patient_contexts.patient_of(request.actors)  # type: ignore[attr-defined]  # set by ActorMiddleware
