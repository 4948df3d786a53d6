"""The pages of sites."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import access, contexts, gate, services, step_up
from accounts.errors import SiteExistsError
from accounts.forms import SiteForm
from common.refusals import reason_of


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List the sites, and add one."""
    actor = gate.member(request, "tenant.manage")
    form = SiteForm(request.POST or None)
    if form.is_valid():
        step_up.require(request)
        try:
            services.add_site(actor=actor, name=form.cleaned_data["name"])
            return redirect("accounts:sites")
        except SiteExistsError as error:
            form.add_error("name", reason_of(error))
    page = {"page": contexts.sites_page(actor), "form": form}
    return render(request, "accounts/sites.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Rename a site, close it or open it again."""
    actor = gate.insider(request)
    line = contexts.site_line(actor, site_id)
    access.require(actor, "tenant.manage")
    form = SiteForm(request.POST or None, initial={"name": line.name, "is_active": line.is_active})
    if form.is_valid():
        step_up.require(request)
        try:
            services.change_site(actor=actor, site_id=site_id, **form.cleaned_data)
        except SiteExistsError as error:
            form.add_error("name", reason_of(error))
        else:
            messages.success(request, _("The changes are in force."))
            return redirect("accounts:sites")
    page = {"page": line, "form": form}
    return render(request, "accounts/site.html", page, status=422 if form.errors else 200)
