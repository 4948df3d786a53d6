"""Pages of signing in."""

from urllib.parse import urlsplit

import qrcode
import qrcode.image.svg
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import signing_in
from accounts.errors import WrongCodeError
from accounts.forms import CodeForm, SignInForm
from accounts.models import User
from common.ids import parse_uuid

NEXT = "next_path"


def _next_path(request: HttpRequest) -> str:
    path = request.session.pop(NEXT, "") or "/studies/"
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and not urlsplit(path).netloc
    return path if is_ours else "/studies/"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """First factor: e-mail address and password."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = signing_in.check_password(
            request, email=form.cleaned_data["email"], password=form.cleaned_data["password"]
        )
        if user is not None:
            wanted = request.POST.get("next", "")
            signing_in.begin(request, user)
            request.session[NEXT] = wanted
            return redirect("accounts:verify" if signing_in.has_factor(user) else "accounts:enrol")
        form.add_error(None, form.wrong)
    status = 422 if request.method == "POST" else 200
    page = {"form": form, "next": request.GET.get("next", ""), "is_demo": settings.BITEWING_DEMO}
    return render(request, "accounts/sign_in.html", page, status=status)


def _half_signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Second factor: a code of the authenticator."""
    user = _half_signed_in(request)
    if user is None:
        return redirect("accounts:sign_in")
    if not signing_in.has_factor(user):
        return redirect("accounts:enrol")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            signing_in.verify_factor(request, user, code=form.cleaned_data["code"])
            return redirect(_next_path(request))
        except WrongCodeError as error:
            form.add_error("code", str(error))
    return render(request, "accounts/verify.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the authenticator, which every member of staff needs."""
    user = _half_signed_in(request)
    if user is None:
        return redirect("accounts:sign_in")
    if signing_in.has_factor(user):
        return redirect("accounts:verify")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            signing_in.confirm_factor(request, user, code=form.cleaned_data["code"])
            return redirect(_next_path(request))
        except WrongCodeError as error:
            form.add_error("code", str(error))
    device = signing_in.new_factor(user)
    image = qrcode.make(device.config_url, image_factory=qrcode.image.svg.SvgPathImage)
    page = {"form": form, "qr_svg": image.to_string(encoding="unicode"), "secret_key": signing_in.readable_key(device)}
    return render(request, "accounts/enrol.html", page, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    signing_in.end(request)
    response = redirect("home")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def switch_tenant(request: HttpRequest) -> HttpResponse:
    """Work in another tenant of the same person."""
    user, tenant_id = _half_signed_in(request), parse_uuid(request.POST.get("tenant", ""))
    if user is None or tenant_id is None or not signing_in.is_verified(request):
        return redirect("accounts:sign_in")
    signing_in.enter_tenant(request, user, tenant_id=tenant_id)
    return redirect("/studies/")
