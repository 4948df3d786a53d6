"""The pages of this section, in groups; each is shown to those who may open it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import access
from common.actor import Actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """A tab: it is current on every address that begins with its own, or with one of those that belong to it."""

    label: "StrOrPromise"
    url_name: str
    action: str = "compliance.read"
    belonging: tuple[str, ...] = ()
    # What its pages below another tab have in their addresses.
    mark: str = ""

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(self.url_name)

    def reach(self, path: str) -> int:
        """Return how much of an address it knows; 0: none of it."""
        if self.mark and self.mark in path:
            return len(path)
        below = [f"{reverse('compliance:home')}{name}/" for name in self.belonging]
        return max((len(url) for url in (self.url, *below) if path.startswith(url)), default=0)


@dataclass(frozen=True, slots=True)
class Group:
    """Tabs about one subject: one word in the upper row, its pages in the lower one."""

    label: "StrOrPromise"
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        _("Analysis"),
        (
            Entry(_("Risk analysis"), "compliance:analyses"),
            Entry(_("Risks"), "compliance:current-risks", mark="/risks/"),
            Entry(_("My questions"), "compliance:assigned", "compliance.contribute"),
            Entry(_("Evidence"), "compliance:evidence"),
            Entry(_("Frameworks"), "compliance:packs"),
        ),
    ),
    Group(
        _("Systems"),
        (
            Entry(_("Inventory"), "compliance:assets"),
            Entry(_("Devices seen"), "compliance:devices"),
            Entry(_("Data flows"), "compliance:flows", belonging=("parties",)),
            Entry(
                _("Vendors"),
                "compliance:vendors",
                belonging=("agreements", "agreement-copies", "sub-processors", "exit-proofs"),
            ),
        ),
    ),
    Group(
        _("Work"),
        (
            Entry(_("Tasks"), "compliance:tasks"),
            Entry(_("Decisions"), "compliance:decisions"),
            Entry(_("Incidents"), "compliance:incidents", belonging=("exposures",)),
            Entry(_("Requests"), "compliance:requests", belonging=("disclosures",)),
        ),
    ),
    Group(
        _("Policies"),
        (
            Entry(_("All policies"), "compliance:policies", belonging=("policy-versions", "training", "sanctions")),
            Entry(_("My policies"), "compliance:policies-mine", "compliance.contribute"),
        ),
    ),
    Group(_("Retention"), (Entry(_("Retention"), "compliance:retention", "retention.read"),)),
    Group(
        _("Proof"),
        (
            Entry(_("Documents"), "compliance:documents"),
            Entry(_("Binder"), "compliance:binder"),
            Entry(_("Group"), "compliance:group"),
        ),
    ),
)


def entries() -> Iterator[Entry]:
    """Go through all tabs, in order."""
    for group in GROUPS:
        yield from group.entries


def open_to(actors: Sequence[Actor], group: Group) -> list[Entry]:
    """Return the tabs of a group that somebody among the actors may open."""
    return [entry for entry in group.entries if any(access.allows(actor, entry.action) for actor in actors)]


def current(path: str) -> Entry | None:
    """Return the tab to which an address belongs: the one that knows most of it; tabs may lie below one another."""
    best = max(entries(), key=lambda entry: entry.reach(path))
    return best if best.reach(path) else None
