"""Pages of forgotten and changed passwords."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import devices, gate, selectors, services, signing_in, step_up
from accounts.errors import ResetClosedError, WrongPasswordError
from accounts.forms import AddressForm, ChangePasswordForm, NewPasswordForm
from common.refusals import reason_of


@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Have a link mailed; the answer is the same for every address."""
    form = AddressForm(request.POST or None)
    if form.is_valid():
        services.ask_reset(email=form.cleaned_data["email"], address=devices.address_of(request))
        return render(request, "accounts/forgot_sent.html")
    return render(request, "accounts/forgot.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("password", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, reset_id: UUID) -> HttpResponse:
    """Choose a new password; the page is the same for every address, the secret comes in the body of the form."""
    if request.method != "POST":
        return render(request, "accounts/reset.html", {"reset_id": reset_id, "form": NewPasswordForm()})
    secret = secret_of(request)
    try:
        user = services.find_reset(reset_id=reset_id, secret=secret)
        form = NewPasswordForm(request.POST, user=user)
        if form.is_valid():
            services.reset_password(reset_id=reset_id, secret=secret, password=form.cleaned_data["password"])
            messages.success(request, _("The password is changed. Sign in with it now."))
            return redirect("accounts:sign_in")
    except ResetClosedError as refusal:
        return render(request, "accounts/closed.html", {"refusal": refusal}, status=refusal.status)
    page = {"reset_id": reset_id, "form": form, "secret": secret}
    return render(request, "accounts/reset.html", page, status=422)


def secret_of(request: HttpRequest) -> str:
    """Return the secret of a form; a person without scripts pastes the whole link."""
    return request.POST.get("secret", "").strip().rpartition("#")[2]


@sensitive_post_parameters("present", "password")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    actor = gate.person(request)
    step_up.require(request, is_carried=False)
    form = ChangePasswordForm(request.POST or None, user=selectors.get_user(actor.id))
    if form.is_valid():
        try:
            user = services.change_password(
                actor=actor,
                present=form.cleaned_data["present"],
                password=form.cleaned_data["password"],
                current_key=request.session.session_key or "",
            )
        except WrongPasswordError as error:
            form.add_error("present", reason_of(error))
        else:
            signing_in.stay(request, user)
            messages.success(request, _("The password is changed. Your other sessions have ended."))
            return redirect("accounts:account")
    return render(request, "accounts/change_password.html", {"form": form}, status=422 if form.errors else 200)
