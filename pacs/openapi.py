"""`/api/schema/`: the services for programs of the practice, described as OpenAPI 3.1 says.

DICOMweb describes itself by its own capabilities (PS3.18 8.9).
"""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from common.errors import DomainError, ForbiddenError, UnauthenticatedError
from pacs.appointments import schema as appointments
from pacs.changes import schema as changes

_PATHS: Final[dict[str, Any]] = {**appointments.PATHS, **changes.PATHS}
_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457; the codes stand in docs/reference/errors.md.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:bitewing:[a-z0-9-]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


@require_safe
def show(_request: HttpRequest) -> HttpResponse:
    """Answer the description; it says nothing of anybody's data, and needs no credential."""
    return JsonResponse(document())


def document() -> dict[str, Any]:
    """Return the description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bitewing", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": settings.BITEWING_BASE_URL}],
        "security": [{"token": []}],
        "paths": {
            path: {method: _whole(found) for method, found in methods.items()} for path, methods in _PATHS.items()
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An API token."}},
            "schemas": {"Problem": _PROBLEM, **appointments.SCHEMAS, **changes.SCHEMAS},
        },
    }


def _whole(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with the refusals that it names, and those that every one has."""
    refusals: list[type[DomainError]] = [UnauthenticatedError, ForbiddenError, *operation["x-refusals"]]
    kept = {name: value for name, value in operation.items() if name != "x-refusals"}
    return kept | {"responses": {**operation["responses"], **{str(one.status): _refusal(one) for one in refusals}}}


def _refusal(error: type[DomainError]) -> dict[str, Any]:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": str(error.title), "content": {"application/problem+json": problem}}
