"""Until when whom: the notices that a breach asks for, counted from the day of discovery."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from compliance.models import BreachNotice, Incident

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTER_LIMIT: Final = dt.timedelta(days=60)
# More than so many residents of one State or jurisdiction: the media too (164.406(a)).
MEDIA_ABOVE: Final = 500
# So many people or more: the Secretary at the same time as the people (164.408(b)).
SECRETARY_FROM: Final = 500
_NONE_OWED: Final = frozenset(
    {Incident.Conclusion.LOW_PROBABILITY, Incident.Conclusion.EXCEPTION, Incident.Conclusion.SECURED}
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One notice that is owed; without a day where the law is not known here."""

    kind: str
    text: str
    citation: str
    due_date: dt.date | None
    is_given: bool = False

    def days_left(self, day: dt.date) -> int | None:
        """Return how many days are left on a day; negative once it is late."""
        return None if self.due_date is None else (self.due_date - day).days


def is_presumed(incident: Incident) -> bool:
    """Say whether nobody has assessed it yet: then it is presumed to be a breach (164.402(2))."""
    return not incident.conclusion


def deadlines(incident: Incident, notices: Iterable[BreachNotice]) -> tuple[Deadline, ...]:
    """List the notices that an incident asks for, whether they are given or not."""
    if incident.conclusion in _NONE_OWED:
        return ()
    given = {(notice.kind, notice.jurisdiction) for notice in notices}
    kinds = {kind for kind, _place in given}
    due = _latest(incident)
    found = [
        Deadline(
            "individuals",
            _("The people concerned, without unreasonable delay and at the latest on this day."),
            "45 CFR 164.404(b)",
            due,
            "individuals" in kinds,
        )
    ]
    found += [
        Deadline(
            "media",
            _("Prominent media of {place}, where more than 500 residents are concerned.").format(place=place),
            "45 CFR 164.406",
            due,
            ("media", place) in given,
        )
        for place, count in _places(incident)
        if count > MEDIA_ABOVE
    ]
    found.append(_secretary(incident, due, is_given="hhs" in kinds))
    found += [
        Deadline(
            "state",
            _("{place}: whether its own law asks for more, or earlier, is unknown to the portal. Ask counsel.").format(
                place=place
            ),
            _("unknown"),
            None,
            ("state", place) in given,
        )
        for place, _count in _places(incident)
    ]
    return tuple(found)


def _latest(incident: Incident) -> dt.date:
    """Return the last day; a delay that law enforcement asked for moves it (164.412)."""
    limit = incident.discovered_date + OUTER_LIMIT
    return max(limit, incident.delay_until_date) if incident.delay_until_date else limit


def _secretary(incident: Incident, due: dt.date, *, is_given: bool) -> Deadline:
    if people(incident) >= SECRETARY_FROM:
        text = _("The Secretary of HHS, at the same time as the people: 500 or more are concerned.")
        return Deadline("hhs", text, "45 CFR 164.408(b)", due, is_given)
    text = _("The Secretary of HHS, within 60 days after the end of the year of discovery: fewer than 500.")
    end = dt.date(incident.discovered_date.year, 12, 31) + OUTER_LIMIT
    return Deadline("hhs", text, "45 CFR 164.408(c)", end, is_given)


def people(incident: Incident) -> int:
    """Return how many people are concerned, as far as known."""
    return sum(count for _place, count in _places(incident))


def _places(incident: Incident) -> list[tuple[str, int]]:
    affected: Mapping[str, int] = incident.affected
    return sorted(affected.items())
