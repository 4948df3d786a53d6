"""The page of an invitation: the same for every address until its secret is sent."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import contexts, services, signing_in
from accounts.errors import InvitationClosedError
from accounts.forms import AcceptForm
from accounts.selectors import Offer
from accounts.services import Answer
from accounts.views.passwords import secret_of


@sensitive_post_parameters("password", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Show what is offered to who holds the secret, and take the answer."""
    if request.method != "POST":
        return render(request, "accounts/invitation.html", {"invitation_id": invitation_id})
    secret = secret_of(request)
    try:
        offer = services.read_offer(invitation_id=invitation_id, secret=secret)
        if offer.is_known_person:
            return _join(request, offer, secret)
        return _begin(request, offer, secret)
    except InvitationClosedError as refusal:
        return render(request, "accounts/closed.html", {"refusal": refusal}, status=refusal.status)


def _join(request: HttpRequest, offer: Offer, secret: str) -> HttpResponse:
    """Let a person who has an account already gain the roles; signing in stays what it is."""
    if "accept" in request.POST:
        services.accept(invitation_id=offer.id, secret=secret, answer=Answer())
        messages.success(request, _("You belong to the team now. Sign in as you always do."))
        return redirect("accounts:sign_in")
    return _offer(request, offer, secret, None)


def _begin(request: HttpRequest, offer: Offer, secret: str) -> HttpResponse:
    """Let somebody new choose name and password, then set up the second factor."""
    form = AcceptForm(request.POST if "accept" in request.POST else None)
    if form.is_valid():
        filled = Answer(name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        user = services.accept(invitation_id=offer.id, secret=secret, answer=filled)
        signing_in.begin(request, user)
        return redirect("accounts:enrol")
    return _offer(request, offer, secret, form)


def _offer(request: HttpRequest, offer: Offer, secret: str, form: AcceptForm | None) -> HttpResponse:
    page = {"page": contexts.offer_page(offer), "secret": secret, "form": form}
    return render(request, "accounts/offer.html", page, status=422 if form and form.errors else 200)
