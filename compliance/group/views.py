"""The page of a group."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import gate
from audit import services as audit
from common.scope import tenant_scope
from compliance.group import contexts, selectors


@require_safe
def group(request: HttpRequest) -> HttpResponse:
    """Show every practice in which the reader may read compliance."""
    actor = gate.member(request, "compliance.read")
    practices = selectors.list_practices(actor)
    for one in practices:
        if one.tenant_id != actor.tenant_id:
            with tenant_scope(one.tenant_id):
                audit.record(actor=selectors.member_of(actor, one), action="compliance.group-read")
    return render(request, "compliance/page.html", {"page": contexts.build_group(practices)})
