"""The tabs of the section, for its base template."""

from typing import Any

from django import template
from django.urls import reverse

from accounts import access
from compliance.section import ENTRIES

register = template.Library()


@register.inclusion_tag("compliance/_tabs.html", takes_context=True)
def section_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """Return the tabs that somebody among the actors of the request may open."""
    request = context["request"]
    entries = [entry for entry in ENTRIES if any(access.allows(actor, entry.action) for actor in request.actors)]
    tabs = [(entry.label, reverse(entry.url_name)) for entry in entries]
    # The longest address that the present one begins with: tabs may lie below one another.
    current = max((url for _, url in tabs if request.path.startswith(url)), key=len, default="")
    return {"tabs": [{"label": label, "url": url, "is_current": url == current} for label, url in tabs]}
