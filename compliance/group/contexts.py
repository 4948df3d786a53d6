"""What the page of a group shows."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from compliance.group.selectors import PracticeFigures
from compliance.pages import Card, Cell, Mark, Page


def build_group(practices: Sequence[PracticeFigures]) -> Page:
    """Return practices side by side, then the sites of each."""
    return Page(
        title=_("Group"),
        intro=_("Every practice in which you may read compliance, side by side; switch the practice to work in it."),
        main=(
            Card(
                _("Practices"),
                columns=(
                    _("Practice"),
                    _("Analysis"),
                    _("High risks"),
                    _("Tasks past due"),
                    _("Agreements missing"),
                    _("Incidents open"),
                    _("Requests late"),
                    _("Policies in force"),
                ),
                rows=tuple(_row(one) for one in practices),
            ),
            *(_sites_card(one) for one in practices if one.sites),
        ),
    )


def _row(one: PracticeFigures) -> tuple[Cell, ...]:
    analysis = Cell(one.analysis or _("none"), mark=Mark(_("stale"), "warn") if one.is_stale else None)
    counts = (one.high_risks, one.overdue_tasks, one.missing_agreements, one.open_incidents, one.late_requests)
    return (Cell(one.name), analysis, *(_count(number) for number in counts), Cell(str(one.policies_in_force)))


def _count(number: int) -> Cell:
    return Cell(mark=Mark(str(number), "bad")) if number else Cell("0")


def _sites_card(one: PracticeFigures) -> Card:
    return Card(
        _("Sites of {practice}").format(practice=one.name),
        columns=(_("Site"), _("Assets"), _("High risks")),
        rows=tuple((Cell(site.name), Cell(str(site.assets)), _count(site.high_risks)) for site in one.sites),
    )
