"""Pages about the devices that the portal itself has seen."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from common.actor import Actor
from common.errors import DomainError
from common.ids import parse_uuid
from common.scope import tenant_scope
from compliance.assets import selectors as assets
from compliance.devices import contexts, selectors, services
from compliance.devices.forms import AdoptForm, DismissForm
from compliance.models import DeviceSighting
from compliance.packs import selectors as packs
from pacs import gate


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """List what was seen: what waits for a decision first."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_list(actor=actor)
    return render(request, "compliance/devices/list.html", {"page": page})


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look for devices now."""
    count = services.request_look(actor=gate.member(request, "compliance.write"))
    text = ngettext("{count} device waits for a decision.", "{count} devices wait for a decision.", count)
    messages.success(request, text.format(count=count))
    return redirect("compliance:devices")


@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, sighting_id: UUID) -> HttpResponse:
    """Write a device into the inventory."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = selectors.get_sighting(sighting_id)
        access.require(actor, "compliance.write")
        form = AdoptForm(request.POST or None, book=packs.active(), assets=assets.list_refs(), initial=_initial(row))
        line = contexts.build_line(row)
    if form.is_valid():
        try:
            asset_id = _adopt(actor, sighting_id, form)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The device stands in the inventory."))
            return redirect("compliance:asset", asset_id)
    context = {"form": form, "dismissal": DismissForm(), "line": line}
    return render(request, "compliance/devices/decide.html", context, status=422 if form.errors else 200)


def _initial(row: DeviceSighting) -> dict[str, str]:
    return {"type_id": row.suggested_type_id, "name": row.label[:120], "site": row.facts.get("site", "")}


def _adopt(actor: Actor, sighting_id: UUID, form: AdoptForm) -> UUID:
    data = form.cleaned_data
    asset_id = parse_uuid(data.get("asset", ""))
    if asset_id is None:
        return services.adopt_as_new(
            actor=actor, sighting_id=sighting_id, type_id=data["type_id"], name=data["name"], site=data["site"]
        )
    services.adopt_as_known(actor=actor, sighting_id=sighting_id, asset_id=asset_id)
    return asset_id


@require_POST
def dismiss(request: HttpRequest, sighting_id: UUID) -> HttpResponse:
    """Say why a device does not belong into the inventory."""
    form = DismissForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    services.dismiss(actor=gate.insider(request), sighting_id=sighting_id, reason=reason)
    messages.success(request, _("The device is dismissed; the list below keeps it with your reason."))
    return redirect("compliance:devices")


@require_POST
def reconsider(request: HttpRequest, sighting_id: UUID) -> HttpResponse:
    """Propose a device again."""
    services.reconsider(actor=gate.insider(request), sighting_id=sighting_id)
    messages.success(request, _("The device is proposed again."))
    return redirect("compliance:devices")
