"""The page of API tokens."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import contexts, gate, services, step_up
from accounts.forms import TokenForm
from common.errors import DomainError
from common.refusals import reason_of


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List the tokens, and make one: its text is shown in this answer and never again."""
    actor = gate.member(request, "token.manage")
    form, made = TokenForm(request.POST or None), ""
    if form.is_valid():
        step_up.require(request)
        try:
            made = services.create_token(
                actor=actor,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                days=form.cleaned_data["days"],
                networks=form.network_list,
            )
            form = TokenForm()
        except DomainError as error:
            form.add_error(None, reason_of(error))
    page = {"page": contexts.tokens_page(actor), "form": form, "made": made}
    return render(request, "accounts/tokens.html", page, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End a token: at once, without asking for a factor, because it may be in the wrong hands."""
    services.revoke_token(actor=gate.insider(request), token_id=token_id)
    messages.success(request, _("The token has ended."))
    return redirect("accounts:tokens")
