"""From the cookie of a guest or a patient to who acts."""

from dataclasses import replace
from functools import partial

from django.http import HttpRequest

from common.actor import Actor
from sharing import cookies, patients, selectors, services
from sharing.selectors import GuestAccess


def from_guest_cookie(request: HttpRequest) -> list[Actor]:
    """Resolve the guest sessions of this browser, one actor for each link; a token acts alone."""
    if cookies.guest_name() not in request.COOKIES or "Authorization" in request.headers:
        return []
    guests = [guest for held in cookies.read_sessions(request) if (guest := live(held)) is not None]
    for guest in guests:
        services.note_activity(guest)
    return [_actor(guest) for guest in guests]


def live(held: cookies.Held) -> GuestAccess | None:
    """Return what a held session allows now."""
    return selectors.get_guest_access(session_id=held.session_id, secret=held.secret)


def _actor(guest: GuestAccess) -> Actor:
    plain = selectors.guest_of(tenant_id=guest.tenant_id, link_id=guest.link_id)
    grant = replace(guest.grant, begin_download=partial(services.count_download, actor=plain))
    return replace(plain, grant=grant, recheck=partial(selectors.still_holds, guest.session_id))


def from_patient_cookie(request: HttpRequest) -> list[Actor]:
    """Resolve a patient's session; a token acts alone."""
    if cookies.patient_name() not in request.COOKIES or "Authorization" in request.headers:
        return []
    held = cookies.read_visit(request)
    visit = patients.get_visit(session_id=held.session_id, secret=held.secret) if held else None
    if visit is None:
        return []
    services.note_visit(visit)
    plain = patients.patient_actor(tenant_id=visit.tenant_id, access_id=visit.access_id)
    return [replace(plain, grant=visit.grant, recheck=partial(patients.still_holds, visit.session_id))]
