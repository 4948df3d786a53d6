"""Pages of the map, the flows and the parties."""

import datetime as dt
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from common.clock import today
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.errors import InventoryRefusedError
from compliance.flows import contexts, drawing, selectors, services
from compliance.flows.forms import DayForm, FlowForm, PartyForm
from compliance.packs import selectors as packs
from pacs import gate


def _day(request: HttpRequest) -> tuple[DayForm, dt.date | None]:
    form = DayForm(request.GET if "as_of" in request.GET else None, initial={"as_of": today()})
    return form, form.cleaned_data["as_of"] if form.is_valid() else None


@require_safe
def show_map(request: HttpRequest) -> HttpResponse:
    """Show the map and, as its equal, the table."""
    actor = gate.member(request, "compliance.read")
    form, day = _day(request)
    with tenant_scope(actor.tenant_id):
        page = contexts.build_map(actor=actor, day=day)
    status = 422 if form.errors else 200
    return render(request, "compliance/flows/map.html", {"page": page, "form": form}, status=status)


@require_safe
def map_svg(request: HttpRequest) -> HttpResponse:
    """Answer with the map as a drawing."""
    actor = gate.member(request, "compliance.read")
    _form, day = _day(request)
    with tenant_scope(actor.tenant_id):
        found = selectors.get_map(day)
    svg = drawing.draw(found, title=_("Data flows and network map"))
    name = f"map-{found.day.isoformat()}.svg"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)


@require_safe
def map_json(request: HttpRequest) -> HttpResponse:
    """Answer with the map as data."""
    actor = gate.member(request, "compliance.read")
    _form, day = _day(request)
    with tenant_scope(actor.tenant_id):
        data = contexts.map_data(selectors.get_map(day))
    return JsonResponse(data)


@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Keep where things were put on the map."""
    actor = gate.member(request, "compliance.write")
    services.place_nodes(actor=actor, places=_places(request.body))
    return HttpResponse(status=204)


def _places(body: bytes) -> dict[str, tuple[float, float]]:
    try:
        data: Any = orjson.loads(body)
        return {str(key): (float(x), float(y)) for key, (x, y) in data.items()}
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
        raise InventoryRefusedError("Expected keys of the map, each with x and y.") from None


@require_http_methods(["GET", "HEAD", "POST"])
def add_flow(request: HttpRequest) -> HttpResponse:
    """Add a flow."""
    actor = gate.member(request, "compliance.write")
    with tenant_scope(actor.tenant_id):
        form = FlowForm(
            request.POST or None,
            book=packs.active(),
            nodes=selectors.list_nodes(),
            initial={"source": request.GET.get("source", "")},
        )
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.add_flow(
                actor=actor,
                source=data["source"],
                target=data["target"],
                values=form.values,
                request_id=data["request_id"],
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The flow stands on the map."))
            return redirect("compliance:flows")
    status = 422 if form.errors else 200
    return render(request, "compliance/flows/form.html", {"form": form, "page": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_flow(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Show a flow with what is expected of it, and change it."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        flow = selectors.get_flow(flow_id)
        access.require(actor, "compliance.read" if request.method in {"GET", "HEAD"} else "compliance.write")
        form = FlowForm(request.POST or None, book=packs.active(), nodes=selectors.list_nodes(), instance=flow)
        page = contexts.build_flow(flow)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.change_flow(
                actor=actor, flow_id=flow_id, source=data["source"], target=data["target"], values=form.values
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The change is saved."))
            return redirect("compliance:flows")
    context = {"form": form, "page": page, "can_write": access.allows(actor, "compliance.write")}
    return render(request, "compliance/flows/form.html", context, status=422 if form.errors else 200)


@require_POST
def end_flow(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Say that a flow takes place no more."""
    services.end_flow(actor=gate.insider(request), flow_id=flow_id)
    messages.success(request, _("The flow has ended. It can be taken up again below the map."))
    return redirect("compliance:flows")


@require_POST
def resume_flow(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Take a flow up again."""
    services.resume_flow(actor=gate.insider(request), flow_id=flow_id)
    messages.success(request, _("The flow stands on the map again."))
    return redirect("compliance:flows")


@require_POST
def verify_flow(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Confirm that a flow is as described."""
    services.verify_flow(actor=gate.insider(request), flow_id=flow_id)
    messages.success(request, _("Confirmed today, by you."))
    return redirect("compliance:flow", flow_id)


@require_http_methods(["GET", "HEAD", "POST"])
def add_party(request: HttpRequest) -> HttpResponse:
    """Add somebody outside of the practice."""
    actor = gate.member(request, "compliance.write")
    form = PartyForm(request.POST or None)
    if form.is_valid():
        services.add_party(actor=actor, values=form.cleaned_data)
        messages.success(request, _("The party can now be chosen for a flow."))
        return redirect("compliance:flow-new")
    status = 422 if form.errors else 200
    return render(request, "compliance/flows/party.html", {"form": form, "page": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_party(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Change what is known of a party."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        party = selectors.get_party(party_id)
        access.require(actor, "compliance.write")
        page = contexts.build_party(party)
    form = PartyForm(request.POST or None, instance=party)
    if form.is_valid():
        try:
            services.change_party(actor=actor, party_id=party_id, values=form.cleaned_data)
        except DomainError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("The change is saved."))
            return redirect("compliance:flows")
    status = 422 if form.errors else 200
    return render(request, "compliance/flows/party.html", {"form": form, "page": page}, status=status)
