"""Pages of signing in."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import factors, signing_in
from accounts.errors import WrongCodeError
from accounts.forms import CodeForm, PrintedCodeForm, SignInForm
from accounts.models import User
from common.ids import parse_uuid
from common.qr import qr_svg
from common.refusals import reason_of

NEXT = "next_path"


def own_path(path: str, otherwise: str = "/") -> str:
    """Return a path of this portal: what leads elsewhere is never followed."""
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and not urlsplit(path).netloc
    return path if is_ours else otherwise


def _next_path(request: HttpRequest) -> str:
    return own_path(request.session.pop(NEXT, ""))


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
            return redirect("accounts:verify" if factors.has_factor(user) else "accounts:enrol")
        form.add_error(None, form.wrong)
    status = 422 if request.method == "POST" else 200
    page = {"form": form, "next": request.GET.get("next", ""), "is_demo": settings.BITEWING_DEMO}
    return render(request, "accounts/sign_in.html", page, status=status)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Second factor: a code of the authenticator."""
    user = signing_in.half_signed_in(request)
    if user is None:
        return redirect("accounts:sign_in")
    if not factors.has_factor(user):
        return redirect("accounts:enrol")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            signing_in.verify_factor(request, user, code=form.cleaned_data["code"])
            return redirect(_next_path(request))
        except WrongCodeError as error:
            form.add_error("code", reason_of(error))
    return render(request, "accounts/verify.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Second factor without the phone: a printed code, then the way to a new authenticator."""
    user = signing_in.half_signed_in(request)
    if user is None:
        return redirect("accounts:sign_in")
    form = PrintedCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            signing_in.recover(request, user, code=form.cleaned_data["code"])
            return redirect("accounts:authenticator")
        except WrongCodeError as error:
            form.add_error("code", reason_of(error))
    return render(request, "accounts/recover.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the authenticator, which every member of staff needs; the answer shows the printed codes once."""
    user = signing_in.half_signed_in(request)
    if user is None:
        return redirect("accounts:sign_in")
    if factors.has_factor(user):
        return redirect("accounts:verify")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = signing_in.confirm_factor(request, user, code=form.cleaned_data["code"])
        except WrongCodeError as error:
            form.add_error("code", reason_of(error))
        else:
            return show_codes(request, codes, next_path=_next_path(request))
    return show_key(request, user, form, "accounts/enrol.html")


def show_key(request: HttpRequest, user: User, form: CodeForm, template: str) -> HttpResponse:
    """Show the key of a new authenticator, as a picture and in letters."""
    device = factors.new_authenticator(user, session_key=request.session.session_key or "")
    page = {"form": form, "qr_svg": qr_svg(device.config_url), "secret_key": factors.readable_key(device)}
    return render(request, template, page, status=422 if form.errors else 200)


def show_codes(request: HttpRequest, codes: list[str], *, next_path: str) -> HttpResponse:
    """Show new printed codes: in this answer and never again."""
    return render(request, "accounts/codes.html", {"codes": codes, "next_path": next_path})


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
    user, tenant_id = signing_in.half_signed_in(request), parse_uuid(request.POST.get("tenant", ""))
    if user is None or tenant_id is None or not signing_in.is_verified(request):
        return redirect("accounts:sign_in")
    signing_in.enter_tenant(request, user, tenant_id=tenant_id)
    return redirect("home")
