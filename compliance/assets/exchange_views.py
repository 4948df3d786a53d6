"""The inventory as a file: out, and in again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit import services as audit
from common.clock import today
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.assets import exchange, fields, importing, selectors
from compliance.assets.forms import ImportForm
from compliance.assets.importing import Plan, Verdict
from pacs import gate

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Answer with the whole inventory, what was disposed of included."""
    actor = gate.member(request, "compliance.read")
    name = "json" if request.GET.get("format") == "json" else "csv"
    with tenant_scope(actor.tenant_id):
        assets = [*selectors.list_assets(sort="number"), *selectors.list_disposed()]
        audit.record(actor=actor, action="inventory.exported", detail={"rows": len(assets), "format": name})
    body = exchange.write_json(assets) if name == "json" else exchange.write_csv(assets)
    filename = f"inventory-{today():%Y-%m-%d}.{name}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(body, content_type=FORMATS[name], headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Read a file, show what it would do, and do it when it is confirmed."""
    actor = gate.member(request, "compliance.write")
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "columns": fields.COLUMNS, "plan": None}
    if form.is_valid():
        data = form.cleaned_data
        try:
            if request.POST.get("action") == "import":
                plan = importing.import_assets(actor=actor, text=data["text"], request_id=data["request_id"])
                return _done(request, plan)
            context |= _shown(importing.plan_import(actor=actor, text=data["text"]), data)
        except DomainError as refusal:
            form.add_error("file", str(refusal))
    return render(request, "compliance/assets/import.html", context, status=422 if form.errors else 200)


def _shown(plan: Plan, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "plan": plan,
        "counts": {verdict.value: plan.count(verdict) for verdict in Verdict},
        "text": exchange.pack(exchange.read(data["text"])),
        "request_id": data["request_id"],
    }


def _done(request: HttpRequest, plan: Plan) -> HttpResponse:
    count = plan.count(Verdict.ADD) + plan.count(Verdict.CHANGE)
    text = ngettext("{count} asset was imported.", "{count} assets were imported.", count)
    messages.success(request, text.format(count=count) if count else _("Everything in the file was known already."))
    return redirect("compliance:assets")
