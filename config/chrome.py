"""What every page shows around its content: tenant, person, navigation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts import access, selectors
from accounts.selectors import decisions
from common.actor import Actor, ActorKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Entries = Sequence[tuple[StrOrPromise, str, str]]


@dataclass(frozen=True, slots=True)
class NavEntry:
    label: str
    url: str
    # As in `aria-current`: "page", "true" on the pages below it, or empty.
    current: str
    # What the word means, where it is not plain.
    hint: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries about one thing."""

    label: str
    entries: list[NavEntry]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The main entries; on a phone `more` are one press away, so that none is out of sight."""

    strip: Sequence[NavEntry]
    more: Sequence[NavEntry]

    @property
    def entries(self) -> list[NavEntry]:
        """All of them, in their order."""
        return [*self.strip, *self.more]

    @property
    def is_here_more(self) -> bool:
        """Say whether the present page is among those one press away."""
        return any(entry.current for entry in self.more)


# As many letters as stand beside each other on a phone 360 pixels wide, with the button for the others.
_STRIP_LETTERS = 24
_STRIP_ENTRIES = 3
_HINTS = {
    "pacs:conflicts": _("The images are good, but it is not certain whose they are."),
    "pacs:quarantine": _("The file itself is wrong: damaged, harmful or no DICOM."),
}
_ENTRIES = [
    (_("Worklist"), "pacs:worklist", "study.list"),
    (_("Upload"), "pacs:upload", "study.upload"),
    (_("Schedule"), "pacs:schedule", "schedule.read"),
    (_("In doubt"), "pacs:conflicts", "conflict.decide"),
    (_("Quarantine"), "pacs:quarantine", "quarantine.read"),
    (_("Compliance"), "compliance:home", "compliance.read"),
    (_("Access log"), "audit:log", "audit.read"),
]
# What is done now and then, in the menu of the person, by what it is about.
_MENU = [
    (
        _("Practice"),
        [
            (_("People"), "accounts:people", "user.manage"),
            (_("Sites"), "accounts:sites", "tenant.manage"),
            (_("Address book"), "accounts:referrers", "referrer.read"),
            (_("Settings"), "accounts:settings", "tenant.manage"),
        ],
    ),
    (
        _("Technology"),
        [
            (_("DICOM devices"), "pacs:devices", "device.manage"),
            (_("Networks"), "inference:networks", "network.read"),
            (_("API tokens"), "accounts:tokens", "token.manage"),
            (_("Webhooks"), "pacs:hooks", "hook.manage"),
        ],
    ),
    (
        _("Safety"),
        [
            (_("My questions"), "compliance:assigned", "compliance.contribute"),
            (_("Keys and backups"), "keys", "compliance.read"),
            (_("Emergency access"), "pacs:emergencies", "emergency.review"),
        ],
    ),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the frame of a page; nothing is read unless the template asks."""
    return {"chrome": SimpleLazyObject(lambda: _chrome(request)), "is_demo": settings.BITEWING_DEMO}


def _chrome(request: HttpRequest) -> dict[str, Any]:
    staff = next((a for a in getattr(request, "actors", ()) if a.kind is ActorKind.USER), None)
    if staff is None:
        return {
            "actor": None,
            "nav": None,
            "tenant_name": "",
            "person_name": "",
            "tenants": [],
            "house": _guests(request),
        }
    house = selectors.house(staff.tenant_id)
    return {
        "actor": staff,
        "nav": _navigation(_entries(request, staff, _ENTRIES)),
        "menu": _menu(request, staff),
        "house": house,
        "emergencies": list(selectors.running_of(staff).values()),
        "tenant_name": house.name,
        "person_name": request.user.name if request.user.is_authenticated else "",
        "tenants": _tenants(staff),
    }


def _tenants(staff: Actor) -> list[selectors.TenantName]:
    """Return where a person may switch to, at most five seconds old: every page asks."""
    return decisions.keep(
        ("tenants", staff.id, staff.tenant_id),
        lambda: selectors.other_tenants(user_id=staff.id, tenant_id=staff.tenant_id),
    )


def _guests(request: HttpRequest) -> selectors.House | None:
    """Return the house of whoever came by a link, to look like it."""
    actor = next(iter(getattr(request, "actors", ())), None)
    return selectors.house(actor.tenant_id) if actor else None


def _entries(request: HttpRequest, staff: Actor, entries: "Entries") -> list[NavEntry]:
    found = {reverse(name): (label, name) for label, name, action in entries if access.allows(staff, action)}
    # The longest address that the present one begins with: uploads lie below the worklist.
    nearest = max((url for url in found if request.path.startswith(url)), key=len, default="")
    here = "page" if request.path == nearest else "true"
    return [
        NavEntry(str(label), url, here if url == nearest else "", str(_HINTS.get(name, "")))
        for url, (label, name) in found.items()
    ]


def _menu(request: HttpRequest, staff: Actor) -> list[NavGroup]:
    """Return the groups in which somebody has something to do."""
    groups = [NavGroup(str(label), _entries(request, staff, entries)) for label, entries in _MENU]
    return [group for group in groups if group.entries]


def _navigation(entries: list[NavEntry]) -> Navigation:
    """Leave the first entries in the strip of a phone, as many as fit; so few that all fit stay together."""
    if len(entries) <= _STRIP_ENTRIES:
        return Navigation(entries, [])
    lengths = accumulate(len(entry.label) for entry in entries[:_STRIP_ENTRIES])
    fitting = sum(length <= _STRIP_LETTERS for length in lengths)
    return Navigation(entries[:fitting], entries[fitting:])
