"""The tabs of the section, for its base template."""

from typing import Any

from django import template

from compliance import section

register = template.Library()


@register.inclusion_tag("compliance/_tabs.html", takes_context=True)
def section_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """Return the groups that have a page for the actors of the request, and the pages of the present one."""
    request = context["request"]
    current = section.current(request.path)
    groups, tabs = [], []
    for group in section.GROUPS:
        entries = section.open_to(request.actors, group)
        is_current = current in group.entries
        if entries:
            groups.append({"label": group.label, "url": entries[0].url, "is_current": is_current})
        # A single page would only say again what its group says.
        if is_current and len(entries) > 1:
            tabs = [{"label": one.label, "url": one.url, "is_current": one is current} for one in entries]
    here = [entry["label"] for entry in (*groups, *tabs) if entry["is_current"]]
    return {"groups": groups, "tabs": tabs, "here": here}
