"""The page of what a tenant has chosen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import gate, selectors, services, step_up
from accounts.errors import ColourError, LogoError
from accounts.forms import LogoForm, SettingsForm
from common.refusals import reason_of

MANAGE = "tenant.manage"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show what is chosen, and change it."""
    actor = gate.member(request, MANAGE)
    form = SettingsForm(request.POST or None, initial=SettingsForm.of(selectors.house(actor.tenant_id)))
    if form.is_valid():
        step_up.require(request)
        try:
            services.change_settings(actor=actor, time_zone=form.cleaned_data["time_zone"], choices=form.choices)
        except ColourError as error:
            form.add_error("colour", reason_of(error))
        else:
            messages.success(request, _("The settings are in force."))
            return redirect("accounts:settings")
    page = {"form": form, "logo_form": LogoForm(), "house": selectors.house(actor.tenant_id)}
    return render(request, "accounts/settings.html", page, status=422 if form.errors else 200)


@require_POST
def logo(request: HttpRequest) -> HttpResponse:
    """Show a picture as the logo, or none any more."""
    actor = gate.member(request, MANAGE)
    step_up.require(request, is_carried=False)
    if "remove" in request.POST:
        services.set_logo(actor=actor, image=b"")
        return redirect("accounts:settings")
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.set_logo(actor=actor, image=form.cleaned_data["logo"].read(services.MAX_LOGO_BYTES + 1))
            messages.success(request, _("The logo is in place."))
            return redirect("accounts:settings")
        except LogoError as error:
            form.add_error("logo", reason_of(error))
    house = selectors.house(actor.tenant_id)
    page = {"form": SettingsForm(initial=SettingsForm.of(house)), "logo_form": form, "house": house}
    return render(request, "accounts/settings.html", page, status=422)
