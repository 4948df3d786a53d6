"""The page that asks for a fresh second factor, and then goes on with what was begun."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import gate, step_up
from accounts.errors import FreshFactorError, WrongCodeError
from accounts.forms import AnyCodeForm
from accounts.views.signing_in import own_path
from common.refusals import reason_of

_OURS = frozenset({"csrfmiddlewaretoken", step_up.FIELD})


def ask(request: HttpRequest, refusal: FreshFactorError) -> HttpResponse:
    """Answer a refusal: the form is kept in the page and sent again with the code, or the person comes back to it."""
    is_form = request.method == "POST" and refusal.is_carried and not request.FILES
    if request.htmx or not is_form:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return _lead(request)
    page = {
        "action": request.get_full_path(),
        "carried": [
            (name, value) for name in request.POST if name not in _OURS for value in request.POST.getlist(name)
        ],
        "field": step_up.FIELD,
        "wrong": refusal.detail,
    }
    return render(request, "accounts/step_up.html", page, status=refusal.status)


def _lead(request: HttpRequest) -> HttpResponse:
    address = f"{reverse('accounts:step_up')}?{urlencode({'next': request.path})}"
    if request.htmx:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return HttpResponse(status=403, headers={"HX-Redirect": address})
    return redirect(address)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for a code, then lead back to where it was needed."""
    gate.person(request)
    form = AnyCodeForm(request.POST or None)
    wanted = own_path(request.POST.get("next") or request.GET.get("next", ""), otherwise="/account/")
    if form.is_valid():
        try:
            step_up.confirm(request, code=form.cleaned_data["code"])
            return redirect(wanted)
        except WrongCodeError as error:
            form.add_error("code", reason_of(error))
    page = {"form": form, "next": wanted}
    return render(request, "accounts/confirm.html", page, status=422 if form.errors else 200)
