"""The registry: networks, rules, batches."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, gate, step_up
from common.actor import Actor
from common.errors import DomainError
from common.refusals import full_text_of, reason_of
from common.scope import tenant_scope
from inference import selectors, services
from inference.contexts import registry as contexts
from inference.forms import BatchForm, NetworkForm, RuleForm

READ, MANAGE = "network.read", "network.manage"


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show networks, rules and batches."""
    actor = gate.member(request, READ)
    return _page(request, actor)


def _page(request: HttpRequest, actor: Actor, *, status: int = 200, **forms: object) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        networks = selectors.list_usable_networks()
        page = contexts.registry(actor)
    shown = {
        "page": page,
        "network_form": NetworkForm(),
        "rule_form": RuleForm(networks=networks),
        "batch_form": BatchForm(networks=networks),
        **forms,
    }
    partial = request.htmx and status == 200  # type: ignore[attr-defined]  # set by HtmxMiddleware
    template = "inference/networks.html#batches" if partial else "inference/networks.html"
    return render(request, template, shown, status=status)


@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Import a network from its files, or say what is wrong with it."""
    actor = gate.member(request, MANAGE)
    form = NetworkForm(request.POST, request.FILES)
    if form.is_valid():
        step_up.require(request, is_carried=False)
        try:
            network_id = services.import_network(actor=actor, files=form.content())
        except DomainError as error:
            form.add_error("parts", full_text_of(error))
        else:
            messages.success(request, _("The network was checked and kept. It looks at nothing until a rule says so."))
            return redirect("inference:network", network_id)
    return _page(request, actor, status=422, network_form=form)


@require_http_methods(["GET", "HEAD"])
def card(request: HttpRequest, network_id: UUID) -> HttpResponse:
    """Show the card of a network."""
    actor = _known(request, network_id)
    access.require(actor, READ)
    with tenant_scope(actor.tenant_id):
        page = contexts.card(actor, network_id)
    return render(request, "inference/network.html", {"page": page})


@require_POST
def retire(request: HttpRequest, network_id: UUID) -> HttpResponse:
    """Let a network run no more."""
    actor = _known(request, network_id)
    access.require(actor, MANAGE)
    services.retire_network(actor=actor, network_id=network_id)
    messages.success(request, _("The network runs no more. What it found stays."))
    return redirect("inference:networks")


def _known(request: HttpRequest, network_id: UUID) -> Actor:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_network(network_id=network_id)
    return actor


@require_POST
def add_rule(request: HttpRequest) -> HttpResponse:
    """Add a rule."""
    actor = gate.member(request, MANAGE)
    with tenant_scope(actor.tenant_id):
        form = RuleForm(request.POST, networks=selectors.list_usable_networks())
    if form.is_valid():
        said = dict(form.cleaned_data)
        network_id = UUID(said.pop("network"))
        conditions = services.Conditions(**{**said, "kinds": tuple(said["kinds"])})
        try:
            services.add_rule(actor=actor, network_id=network_id, conditions=conditions)
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            return redirect("inference:networks")
    return _page(request, actor, status=422, rule_form=form)


@require_POST
def switch_rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    """Switch a rule on or off."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_rule(rule_id=rule_id)
    access.require(actor, MANAGE)
    services.switch_rule(actor=actor, rule_id=rule_id, is_on=request.POST.get("is_on") == "on")
    return redirect("inference:networks")


@require_POST
def begin_batch(request: HttpRequest) -> HttpResponse:
    """Begin a batch."""
    actor = gate.member(request, MANAGE)
    with tenant_scope(actor.tenant_id):
        form = BatchForm(request.POST, networks=selectors.list_usable_networks())
    if form.is_valid():
        said = dict(form.cleaned_data)
        try:
            services.begin_batch(actor=actor, network_id=UUID(said.pop("network")), **said)
        except DomainError as error:
            form.add_error(None, reason_of(error))
        else:
            return redirect("inference:networks")
    return _page(request, actor, status=422, batch_form=form)


@require_POST
def cancel_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Give up what of a batch is not done."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_batch(batch_id=batch_id)
    access.require(actor, MANAGE)
    services.cancel_batch(actor=actor, batch_id=batch_id)
    return redirect("inference:networks")
