"""The viewer's page, its scene and its preview volumes."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from audit import services as audit
from common.actor import ActorKind
from common.scope import tenant_scope
from pacs import gate, selectors
from pacs.errors import NotPreparedError
from pacs.viewer import scene
from vault import selectors as vault

VIEW = "study.view"


@ensure_csrf_cookie
@require_safe
def page(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show the viewer; images are asked for by its script."""
    reached = gate.find_study(request, action=VIEW, study_id=study_id)
    is_guest = reached.actor.kind is ActorKind.GUEST
    context = {
        "scene_url": reverse("pacs:scene", args=[study_id]),
        "back_url": "/s/studies/" if is_guest else f"/studies/{study_id}/",
        "notice": scene.intended_use(),
    }
    return render(request, "viewer/viewer.html", context)


@require_safe
def scene_json(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Answer the scene of a study; the reading is in the audit log before the first byte leaves."""
    reached = gate.find_study(request, action=VIEW, study_id=study_id)
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="viewer")
        return JsonResponse(scene.build(actor=reached.actor, study_id=study_id))


@require_safe
def preview(request: HttpRequest, study_id: UUID, series_id: UUID) -> HttpResponse:
    """Answer the small 8-bit volume of a series as it lies in the store: gzip of (slices, rows, columns)."""
    reached = gate.find_study(request, action=VIEW, study_id=study_id)
    with tenant_scope(reached.actor.tenant_id):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="viewer")
        series = next((s for s in selectors.list_series(study_id=study_id) if s.id == series_id), None)
        if series is None or series.preview_blob_id is None:
            raise NotPreparedError()
        reader = vault.open_object(tenant_id=reached.actor.tenant_id, blob_id=series.preview_blob_id)
    response = HttpResponse(reader.read(0, reader.plain_size), content_type="application/octet-stream")
    response["Content-Encoding"] = "gzip"
    return response
