"""Pages of the inventory."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts import selectors as accounts
from common.clock import today
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.assets import contexts, photos, selectors, services
from compliance.assets.forms import AssetForm, DisposalForm, FilterForm, PhotoForm
from compliance.models import Asset
from compliance.packs import selectors as packs
from pacs import gate


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """List the inventory."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        form = FilterForm(request.GET, book=packs.active(), sites=selectors.list_sites())
        is_valid = form.is_valid()
        page = contexts.build_list(
            actor=actor,
            wanted=form.wanted if is_valid else selectors.AssetFilter(),
            sort=(form.cleaned_data.get("sort") if is_valid else "") or selectors.DEFAULT_SORT,
            after_id=form.cleaned_data.get("cursor") if is_valid else None,
        )
    template = "compliance/assets/list.html#results" if request.htmx else "compliance/assets/list.html"  # type: ignore[attr-defined]  # set by HtmxMiddleware
    return render(request, template, {"page": page, "form": form}, status=200 if is_valid else 422)


@require_safe
def show(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """Show one asset with photos and history."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.read")
        page = contexts.build_asset(actor=actor, asset=asset)
    return render(request, "compliance/assets/asset.html", {"page": page, "form": PhotoForm()})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an asset."""
    actor = gate.member(request, "compliance.write")
    with tenant_scope(actor.tenant_id):
        form = AssetForm(request.POST or None, book=packs.active(), initial=_defaults(request.GET.get("type", "")))
        sites = _sites()
    if form.is_valid():
        try:
            asset_id = services.add_asset(actor=actor, values=form.values, request_id=form.cleaned_data["request_id"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The asset stands in the inventory."))
            return redirect("compliance:asset", asset_id)
    context = {"form": form, "sites": sites, "asset": None}
    return render(request, "compliance/assets/form.html", context, status=422 if form.errors else 200)


def _defaults(type_id: str) -> dict[str, str]:
    """Return what is usual for a type of assets."""
    kind = packs.active().asset_types.get(type_id)
    if kind is None:
        return {}
    return {"type_id": kind.id, "ephi": kind.ephi, "criticality": kind.criticality}


def _sites() -> list[str]:
    """Return the places that people know already."""
    return sorted({*selectors.list_sites(), *(site.name for site in accounts.list_sites(only_active=True))})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """Change the facts of an asset."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
        form = AssetForm(request.POST or None, book=packs.active(), instance=asset)
        sites = _sites()
    if form.is_valid():
        try:
            services.change_asset(
                actor=actor, asset_id=asset_id, values=form.values, seen_at=form.cleaned_data["seen_at"]
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The change is saved."))
            return redirect("compliance:asset", asset_id)
    context = {"form": form, "sites": sites, "asset": asset}
    return render(request, "compliance/assets/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def dispose(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """Take an asset out of the inventory; the page asks how it went, and that is the confirmation."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        asset: Asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
    form = DisposalForm(request.POST or None, instance=asset, initial={"disposal_date": today()})
    if form.is_valid():
        services.dispose_asset(
            actor=actor,
            asset_id=asset_id,
            date=form.cleaned_data["disposal_date"],
            method=form.cleaned_data["disposal_method"],
            certificate=form.cleaned_data["disposal_certificate"],
        )
        messages.success(request, _("The asset is disposed of; its record stays."))
        return redirect("compliance:asset", asset_id)
    context = {"form": form, "asset": asset}
    return render(request, "compliance/assets/dispose.html", context, status=422 if form.errors else 200)


@require_POST
def recall(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """Take back a disposal that was a mistake."""
    services.recall_asset(actor=gate.insider(request), asset_id=asset_id)
    messages.success(request, _("The asset is back in the inventory."))
    return redirect("compliance:asset", asset_id)


@require_POST
def verify(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """Confirm that an asset is there and as described."""
    services.verify_asset(actor=gate.insider(request), asset_id=asset_id)
    messages.success(request, _("Confirmed today, by you."))
    return redirect("compliance:asset", asset_id)


@require_POST
def add_photo(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """Keep a photograph."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            data, caption = form.cleaned_data["photo"], form.cleaned_data["caption"]
            photos.add_photo(actor=actor, asset_id=asset_id, data=data, caption=caption)
        except DomainError as refusal:
            form.add_error("photo", str(refusal))
        else:
            messages.success(request, _("The photo is added."))
            return redirect("compliance:asset", asset_id)
    with tenant_scope(actor.tenant_id):
        page = contexts.build_asset(actor=actor, asset=asset)
    return render(request, "compliance/assets/asset.html", {"page": page, "form": form}, status=422)


@require_safe
def show_photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Answer with the picture."""
    data, media_type = photos.open_photo(actor=gate.insider(request), photo_id=photo_id)
    return HttpResponse(data, content_type=media_type, headers={"Cache-Control": "private, max-age=300"})


@require_POST
def remove_photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Remove a photograph."""
    asset_id = photos.remove_photo(actor=gate.insider(request), photo_id=photo_id)
    messages.success(request, _("The photo is removed."))
    return redirect("compliance:asset", asset_id)
