"""Pages of those who manage the members of a tenant."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, contexts, gate, selectors, services, step_up
from accounts.forms import InviteForm, PlacesForm
from accounts.models import Role
from common.actor import Actor
from common.errors import DomainError
from common.refusals import reason_of
from common.scope import tenant_scope

MANAGE = "user.manage"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List everybody, and invite somebody."""
    actor = gate.member(request, MANAGE)
    form = InviteForm(request.POST or None, **_choices(actor))
    if form.is_valid():
        step_up.require(request)
        try:
            services.invite(
                actor=actor,
                email=form.cleaned_data["email"],
                roles=form.cleaned_data["roles"],
                site_ids=form.site_ids,
            )
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("accounts:people")
    page = {"page": contexts.people_page(actor), "form": form}
    return render(request, "accounts/people.html", page, status=422 if form.errors else 200)


def _choices(actor: Actor) -> dict[str, Any]:
    with tenant_scope(actor.tenant_id):
        sites = selectors.list_sites(only_active=True)
    return {"sites": sites, "may_make_owners": Role.OWNER in actor.roles}


@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Show one member, and change roles and sites."""
    actor = gate.insider(request)
    page = contexts.member_page(actor, user_id)
    access.require(actor, MANAGE)
    first = {"roles": page.member.roles, "sites": [str(one) for one in page.member.site_ids]}
    form = PlacesForm(request.POST or None, initial=first, **_choices(actor))
    if form.is_valid():
        step_up.require(request)
        try:
            services.change_member(
                actor=actor, user_id=user_id, roles=form.cleaned_data["roles"], site_ids=form.site_ids
            )
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            messages.success(request, _("The changes are in force."))
            return redirect("accounts:member", user_id)
    return render(request, "accounts/member.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@require_POST
def deactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Let somebody do nothing more here."""
    actor = _manager_of(request, user_id)
    services.deactivate_member(actor=actor, user_id=user_id)
    messages.success(request, _("The person can do nothing here any more. Choose roles to let them in again."))
    return redirect("accounts:member", user_id)


@require_POST
def reset_factor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Take the lost factors of somebody."""
    actor = _manager_of(request, user_id)
    services.reset_factor(actor=actor, user_id=user_id)
    messages.success(request, _("The person is mailed a link to begin anew: password first, then the second factor."))
    return redirect("accounts:member", user_id)


def _manager_of(request: HttpRequest, user_id: UUID) -> Actor:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_member(user_id)
    access.require(actor, MANAGE)
    step_up.require(request)
    return actor


@require_POST
def resend(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Mail an invitation again."""
    services.resend_invitation(actor=gate.insider(request), invitation_id=invitation_id)
    messages.success(request, _("The invitation is on its way again; the older mail opens nothing any more."))
    return redirect("accounts:people")


@require_POST
def revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    services.revoke_invitation(actor=gate.insider(request), invitation_id=invitation_id)
    messages.success(request, _("The invitation is taken back."))
    return redirect("accounts:people")
