"""The address book."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, contexts, gate, services
from accounts.errors import ReferrerExistsError
from accounts.forms import ReferrerForm
from common.refusals import reason_of


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List the entries, or those that a search finds; searches are posted, since they hold names."""
    actor = gate.member(request, "referrer.read")
    search = request.POST.get("search", "").strip()[:120]
    page = contexts.referrers_page(actor, search=search)
    return render(request, "accounts/referrers.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an entry."""
    actor = gate.member(request, "referrer.manage")
    form = ReferrerForm(request.POST or None)
    if form.is_valid():
        try:
            services.add_referrer(actor=actor, card=form.card)
        except ReferrerExistsError as error:
            form.add_error("email", reason_of(error))
        else:
            messages.success(request, _("The entry is in the address book."))
            return redirect("accounts:referrers")
    return render(request, "accounts/referrer.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, referrer_id: UUID) -> HttpResponse:
    """Change an entry."""
    actor = gate.insider(request)
    line = contexts.referrer_line(actor, referrer_id)
    access.require(actor, "referrer.manage")
    form = ReferrerForm(request.POST or None, initial=ReferrerForm.of(line))
    if form.is_valid():
        try:
            services.change_referrer(actor=actor, referrer_id=referrer_id, card=form.card)
        except ReferrerExistsError as error:
            form.add_error("email", reason_of(error))
        else:
            messages.success(request, _("The changes are in force."))
            return redirect("accounts:referrers")
    page = {"form": form, "entry": line}
    return render(request, "accounts/referrer.html", page, status=422 if form.errors else 200)


@require_POST
def remove(request: HttpRequest, referrer_id: UUID) -> HttpResponse:
    """Strike an entry out."""
    services.remove_referrer(actor=gate.insider(request), referrer_id=referrer_id)
    messages.success(request, _("The entry is gone. Links that were sent to it stay."))
    return redirect("accounts:referrers")
