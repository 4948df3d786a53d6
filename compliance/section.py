"""The pages of this section: one row of tabs, each entry shown to those who may open it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """A tab: it is current on every address that begins with its own."""

    label: "StrOrPromise"
    url_name: str
    action: str


ENTRIES = (
    Entry(_("Risk analysis"), "compliance:analyses", "compliance.read"),
    Entry(_("Risks"), "compliance:current-risks", "compliance.read"),
    Entry(_("My questions"), "compliance:assigned", "compliance.contribute"),
    Entry(_("Inventory"), "compliance:assets", "compliance.read"),
    Entry(_("Devices seen"), "compliance:devices", "compliance.read"),
    Entry(_("Data flows"), "compliance:flows", "compliance.read"),
    Entry(_("Vendors"), "compliance:vendors", "compliance.read"),
    Entry(_("Incidents"), "compliance:incidents", "compliance.read"),
    Entry(_("Policies"), "compliance:policies", "compliance.read"),
    Entry(_("Requests"), "compliance:requests", "compliance.read"),
    Entry(_("My policies"), "compliance:policies-mine", "compliance.contribute"),
    Entry(_("Evidence"), "compliance:evidence", "compliance.read"),
    Entry(_("Tasks"), "compliance:tasks", "compliance.read"),
    Entry(_("Decisions"), "compliance:decisions", "compliance.read"),
    Entry(_("Retention"), "compliance:retention", "retention.read"),
    Entry(_("Documents"), "compliance:documents", "compliance.read"),
    Entry(_("Binder"), "compliance:binder", "compliance.read"),
    Entry(_("Group"), "compliance:group", "compliance.read"),
    Entry(_("Frameworks"), "compliance:packs", "compliance.read"),
)
