"""Pages of the risk register."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, gate
from common.actor import Actor
from common.ids import parse_uuid
from common.scope import tenant_scope
from compliance.analysis import questionnaire
from compliance.analysis import selectors as analyses
from compliance.assets import selectors as assets
from compliance.models import Risk
from compliance.risks import contexts, selectors, services
from compliance.risks.errors import RatingRefusedError, RiskNotFoundError
from compliance.risks.forms import NotesForm, RatingForm, SearchForm


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """Lead to the register of the present analysis."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        found = analyses.current_analysis(actor)
    return redirect("compliance:risks", found.id) if found else redirect("compliance:analyses")


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Show the register, searched and page by page."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = analyses.get_analysis(actor=actor, analysis_id=analysis_id)
        catalogue = questionnaire.catalogue_of(found)
        form = SearchForm(request.POST or request.GET or {}, catalogue=catalogue, sites=assets.list_sites())
        cursor = request.POST.get("cursor", "")
        page = contexts.register_page(actor=actor, analysis=found, search=form.search(), cursor=cursor)
    return render(request, "compliance/risks/register.html", {"page": page, "form": form})


@require_POST
def propose(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Propose what is usual for everything in the inventory and on the map."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = analyses.get_analysis(actor=actor, analysis_id=analysis_id)
        access.require(actor, "compliance.write")
        analyses.require_open(found)
        count = services.propose_from_inventory(actor=actor, analysis=found)
    messages.success(request, _("New proposals: %(count)s.") % {"count": count})
    return redirect("compliance:risks", analysis_id)


@require_POST
def exempt(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Document that no threat applies to an asset."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        analyses.get_analysis(actor=actor, analysis_id=analysis_id)
        asset_id = parse_uuid(request.POST.get("asset", ""))
        if asset_id is None:
            raise RiskNotFoundError
        services.exempt_asset(
            actor=actor, analysis_id=analysis_id, asset_id=asset_id, reason=request.POST.get("reason", "")
        )
    return redirect("compliance:analysis-gates", analysis_id)


@require_safe
def risk(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Show one risk."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        return _page(request, actor, selectors.get_risk(actor=actor, risk_id=risk_id))


@require_POST
def rate(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Rate a risk, and those of the same pair that were ticked; a proposal is confirmed by it."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = selectors.get_risk(actor=actor, risk_id=risk_id)
        form = _rating_form(found, request)
        if not form.is_valid():
            access.require(actor, "compliance.write")
            return _page(request, actor, found, form)
        data = form.cleaned_data
        rating = {name: data[name] for name in ("stage", "likelihood", "impact", "reason")}
        for one in (risk_id, *map(UUID, data.get("also", []))):
            services.confirm_risk(actor=actor, risk_id=one)
            services.rate_risk(actor=actor, risk_id=one, **rating)
    messages.success(request, _("Rated."))
    return redirect("compliance:risk", risk_id)


@require_POST
def dismiss(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Leave a risk out, for a reason."""
    services.dismiss_risk(actor=gate.insider(request), risk_id=risk_id, reason=request.POST.get("reason", ""))
    return redirect("compliance:risk", risk_id)


@require_POST
def confirm(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Take a proposal, or one that was dismissed, into the register."""
    services.confirm_risk(actor=gate.insider(request), risk_id=risk_id)
    return redirect("compliance:risk", risk_id)


@require_POST
def respond(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Say what is done about a risk."""
    actor, response = gate.insider(request), request.POST.get("response", "")
    with tenant_scope(actor.tenant_id):
        selectors.get_risk(actor=actor, risk_id=risk_id)
    if response == Risk.Response.ACCEPT:
        raise RatingRefusedError("A risk is accepted among the tasks, by an approver and for a limited time.")
    services.choose_response(actor=actor, risk_id=risk_id, response=response)
    return redirect("compliance:risk", risk_id)


@require_POST
def describe(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Say who owns a risk and what is in place against it."""
    actor = gate.insider(request)
    form = NotesForm(request.POST)
    with tenant_scope(actor.tenant_id):
        selectors.get_risk(actor=actor, risk_id=risk_id)
    if form.is_valid():
        services.describe_risk(actor=actor, risk_id=risk_id, **form.cleaned_data)
    return redirect("compliance:risk", risk_id)


def _page(request: HttpRequest, actor: Actor, found: Risk, form: RatingForm | None = None) -> HttpResponse:
    page = contexts.risk_page(actor=actor, risk=found)
    notes = NotesForm(initial={"owner_name": found.owner_name, "existing_controls": found.existing_controls})
    forms = {"page": page, "form": form or _rating_form(found), "notes": notes}
    return render(request, "compliance/risks/risk.html", forms, status=422 if form else 200)


def _rating_form(found: Risk, request: HttpRequest | None = None) -> RatingForm:
    same = [(str(one.id), f"R-{one.number} {one.subject_name}") for one in selectors.list_same_pair(found)]
    initial = {
        "likelihood": found.current_likelihood or found.suggested_likelihood,
        "impact": found.current_impact or found.suggested_impact,
    }
    catalogue = questionnaire.catalogue_of(found.analysis)
    return RatingForm(request.POST if request else None, catalogue=catalogue, same=same, initial=initial)
