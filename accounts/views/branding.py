"""The look of the tenant of whoever asks: staff in their active tenant, guests in that of their link."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import brand, gate, selectors
from common.actor import Actor
from common.errors import NotFoundError

# The address changes with the look (`House.look`).
_KEPT = {"Cache-Control": "private, max-age=3600"}


def _first(request: HttpRequest) -> Actor:
    return gate.actors_of(request)[0]


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Answer the colour as style: the policy of the pages allows none in the page itself."""
    colour = selectors.house(_first(request).tenant_id).colour
    return HttpResponse(brand.stylesheet(colour), content_type="text/css; charset=utf-8", headers=_KEPT)


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """Answer the logo, which this portal drew anew when it was uploaded."""
    image = selectors.logo(_first(request).tenant_id)
    if not image:
        raise NotFoundError()
    return HttpResponse(image, content_type="image/png", headers=_KEPT)
