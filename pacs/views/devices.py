"""The pages of devices that speak DICOM with the portal."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, step_up
from common.errors import DomainError
from common.refusals import reason_of
from common.scope import tenant_scope
from pacs import gate
from pacs.contexts import devices as contexts
from pacs.dimse import peers
from pacs.dimse.forms import AddPeerForm, PeerForm, TitleChangeForm, TitleForm
from pacs.dimse.models import Peer


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List names and devices, and add a device."""
    actor = gate.member(request, peers.MANAGE)
    form = AddPeerForm(request.POST or None)
    if form.is_valid():
        step_up.require(request)
        try:
            peers.add_peer(actor=actor, ae_title=form.cleaned_data["ae_title"], values=form.cleaned_data)
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            messages.success(request, _("The device may call from now on."))
            return redirect("pacs:devices")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(tenant_id=actor.tenant_id)
    found = {"page": page, "form": form, "title_form": TitleForm()}
    return render(request, "pacs/devices.html", found, status=422 if form.errors else 200)


@require_POST
def add_title(request: HttpRequest) -> HttpResponse:
    """Add a name under which devices call the portal."""
    actor = gate.member(request, peers.MANAGE)
    form = TitleForm(request.POST)
    if form.is_valid():
        step_up.require(request)
        try:
            peers.add_title(actor=actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error("ae_title", reason_of(error))
        else:
            messages.success(request, _("Devices may call under this name."))
            return redirect("pacs:devices")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(tenant_id=actor.tenant_id)
    found = {"page": page, "form": AddPeerForm(), "title_form": form}
    return render(request, "pacs/devices.html", found, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def title(request: HttpRequest, title_id: UUID) -> HttpResponse:
    """Change what is taken under a name, or stop answering to it."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = peers.get_title(title_id)
    access.require(actor, peers.MANAGE)
    initial = {"takes_unknown_classes": row.takes_unknown_classes, "is_enabled": row.is_enabled}
    form = TitleChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        step_up.require(request)
        peers.change_title(actor=actor, title_id=title_id, **form.cleaned_data)
        messages.success(request, _("The changes are in force."))
        return redirect("pacs:devices")
    return render(request, "pacs/device_title.html", {"line": contexts.title_line(row), "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest, peer_id: UUID) -> HttpResponse:
    """Change what a device may do; a proposed one is let in by saving."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = peers.get_peer(peer_id)
    access.require(actor, peers.MANAGE)
    form = PeerForm(request.POST or None, initial=PeerForm.of(row))
    if form.is_valid():
        step_up.require(request)
        state = Peer.State.ALLOWED if row.state == Peer.State.PROPOSED else row.state
        try:
            peers.change_peer(actor=actor, peer_id=peer_id, values={**form.cleaned_data, "state": state})
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            messages.success(request, _("The changes are in force."))
            return redirect("pacs:devices")
    found = {"line": contexts.peer_line(row), "form": form}
    return render(request, "pacs/device.html", found, status=422 if form.errors else 200)


@require_POST
def switch(request: HttpRequest, peer_id: UUID) -> HttpResponse:
    """Turn a device off, at once and without asking for a factor, or on again."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = peers.get_peer(peer_id)
    access.require(actor, peers.MANAGE)
    if row.state == Peer.State.ALLOWED:
        peers.change_peer(actor=actor, peer_id=peer_id, values={"state": Peer.State.DISABLED})
        messages.success(request, _("The device is turned away from now on."))
    else:
        step_up.require(request)
        peers.change_peer(actor=actor, peer_id=peer_id, values={"state": Peer.State.ALLOWED})
        messages.success(request, _("The device may call again."))
    return redirect("pacs:devices")


@require_POST
def dismiss(request: HttpRequest, peer_id: UUID) -> HttpResponse:
    """Take a proposed device off the list."""
    peers.forget_proposal(actor=gate.insider(request), peer_id=peer_id)
    messages.success(request, _("The proposal is gone; it comes back when the device calls again."))
    return redirect("pacs:devices")
