"""What every page shows around its content: tenant, person, navigation."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts import access, selectors
from common.actor import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class NavEntry:
    label: str
    url: str
    is_current: bool


_ENTRIES = [
    (_("Worklist"), "pacs:worklist", "study.list"),
    (_("Upload"), "pacs:upload", "study.upload"),
    (_("Quarantine"), "pacs:quarantine", "quarantine.read"),
    (_("Access log"), "audit:log", "audit.read"),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the frame of a page; nothing is read unless the template asks."""
    return {"chrome": SimpleLazyObject(lambda: _chrome(request)), "is_demo": settings.BITEWING_DEMO}


def _chrome(request: HttpRequest) -> dict[str, Any]:
    staff = next((a for a in getattr(request, "actors", ()) if a.kind is ActorKind.USER), None)
    if staff is None:
        return {"actor": None, "nav": [], "tenant_name": "", "person_name": "", "tenants": []}
    return {
        "actor": staff,
        "nav": _nav(request, staff),
        "tenant_name": selectors.tenant_name(staff.tenant_id),
        "person_name": request.user.name if request.user.is_authenticated else "",
        "tenants": [t for t in selectors.tenants_of_user(staff.id) if t.id != staff.tenant_id],
    }


def _nav(request: HttpRequest, staff: Actor) -> list[NavEntry]:
    return [
        NavEntry(label=str(label), url=(url := reverse(name)), is_current=request.path == url)
        for label, name, action in _ENTRIES
        if access.allows(staff, action)
    ]
