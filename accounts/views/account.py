"""The pages of one's own account: factors and sessions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import contexts, gate, selectors, services, signing_in, step_up
from accounts.errors import WrongCodeError
from accounts.forms import CodeForm
from accounts.views.signing_in import show_codes, show_key
from common.refusals import reason_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show who one is here, by which factors, and where one is signed in."""
    actor = gate.person(request)
    page = contexts.account_page(actor=actor, current_key=request.session.session_key or "")
    return render(request, "accounts/account.html", {"page": page})


@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    """Print new codes; the older ones end."""
    actor = gate.person(request)
    step_up.require(request)
    printed = services.print_codes(actor=actor)
    return show_codes(request, printed, next_path="/account/")


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def authenticator(request: HttpRequest) -> HttpResponse:
    """Put a new authenticator in the place of the present one."""
    actor = gate.person(request)
    step_up.require(request, is_carried=False)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            signing_in.replace_factor(request, actor, code=form.cleaned_data["code"])
        except WrongCodeError as error:
            form.add_error("code", reason_of(error))
        else:
            messages.success(request, _("The new authenticator is in use. Your other sessions have ended."))
            return redirect("accounts:account")
    return show_key(request, selectors.get_user(actor.id), form, "accounts/authenticator.html")


@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End one of one's own sessions."""
    services.end_one(actor=gate.insider(request), session_id=session_id)
    messages.success(request, _("The session has ended."))
    return redirect("accounts:account")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all sessions but this one."""
    count = services.end_others(actor=gate.person(request), current_key=request.session.session_key or "")
    text = ngettext("%(count)d other session has ended.", "%(count)d other sessions have ended.", count)
    messages.success(request, text % {"count": count})
    return redirect("accounts:account")


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Hear that the person is still there: moving the pointer, typing, scrolling (`resolve.is_input`)."""
    gate.person(request)
    return HttpResponse(status=204)
