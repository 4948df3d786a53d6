"""From which device and place a request comes, in words that its owner recognises."""

import re

from django.http import HttpRequest

_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def describe(request: HttpRequest) -> str:
    """Return browser and system, as in `Firefox · Windows`; what is not known stays away."""
    text = request.headers.get("User-Agent", "")
    program = next((name for mark, name in _PROGRAMS if re.search(rf"\b{mark}/", text)), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    return f"{program} · {system}" if program and system else program or system


def address_of(request: HttpRequest) -> str | None:
    """Return the address that the request came from."""
    return request.META.get("REMOTE_ADDR") or None
