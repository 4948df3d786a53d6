"""The viewer's page, its scene and its preview volumes."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from audit import services as audit
from common.actor import ActorKind
from pacs import gate, prepared, selectors
from pacs.dicomweb import streams
from pacs.errors import NotPreparedError
from pacs.viewer import scene
from vault import selectors as vault
from vault.reader import ObjectReader

VIEW = "study.view"
# Where those without an account have their list.
_BACK = {ActorKind.GUEST: "/s/studies/", ActorKind.PATIENT: "/p/"}


@ensure_csrf_cookie
@require_safe
def page(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show the viewer; images are asked for by its script."""
    reached = gate.find_study(request, action=VIEW, study_id=study_id)
    context = {
        "scene_url": reverse("pacs:scene", args=[study_id]),
        "back_url": _BACK.get(reached.actor.kind, f"/studies/{study_id}/"),
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
def reduced(request: HttpRequest, study_id: UUID, series_id: UUID, column: str) -> HttpResponseBase:
    """Stream a smaller volume of a series as it lies in the store: gzip of (slices, rows, columns)."""
    reached = gate.find_study(request, action=VIEW, study_id=study_id)
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="viewer")
        find = partial(_object_of, study_id, series_id, column)
        reader = prepared.read(find, partial(_open, reached.actor.tenant_id))
        if reader is None:
            raise NotPreparedError()
    response = streams.stream(
        reader.stream(), actor=reached.actor, content_type="application/octet-stream", size=reader.plain_size
    )
    response["Content-Encoding"] = "gzip"
    return response


def _object_of(study_id: UUID, series_id: UUID, column: str) -> UUID | None:
    series = next((row for row in selectors.list_series(study_id=study_id) if row.id == series_id), None)
    blob_id: UUID | None = getattr(series, column, None)
    return blob_id


def _open(tenant_id: UUID, blob_id: UUID) -> ObjectReader:
    return vault.open_object(tenant_id=tenant_id, blob_id=blob_id)
