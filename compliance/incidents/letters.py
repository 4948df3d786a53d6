"""Letters of notice: what the rule asks for, filled with what the incident says, for a person to read and finish."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from compliance.models import Incident

KINDS: Final = ("individuals", "media", "hhs")
_OPEN: Final = "[ … ]"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its parts; what is not known yet is an open bracket, and `lacks` names it."""

    title: str
    citation: str
    parts: tuple[tuple[str, str], ...]
    lacks: tuple[str, ...]

    def as_text(self) -> str:
        """Return the letter as plain text."""
        return "\n\n".join([self.title, *(f"{name}\n{text}" for name, text in self.parts)])


def letter_of(incident: Incident, kind: str, practice: str) -> Letter:
    """Return the letter of a kind; the five elements of a notice are those of 45 CFR 164.404(c)(1)(A) to (E)."""
    happened = incident.occurred_date.isoformat() if incident.occurred_date else ""
    parts = (
        (_("What happened"), incident.description),
        (
            _("When it happened, and when it was discovered"),
            _("Happened: {happened}. Discovered: {discovered}.").format(
                happened=happened or _("not known"), discovered=incident.discovered_date.isoformat()
            ),
        ),
        (_("What kinds of information were involved"), incident.data_types),
        (_("What you can do to protect yourself"), incident.steps_for_individuals),
        (_("What we do to look into it, to reduce the harm and to prevent another"), incident.contained),
        (_("How to reach us"), incident.contact),
    )
    lacks = tuple(name for name, text in parts if not text.strip())
    return Letter(
        title=_title(kind, practice),
        citation=_CITATIONS[kind],
        parts=tuple((name, text if text.strip() else _OPEN) for name, text in parts),
        lacks=lacks,
    )


_CITATIONS: Final = {
    "individuals": "45 CFR 164.404(c)(1)",
    "media": "45 CFR 164.406(c)",
    "hhs": "45 CFR 164.408",
}


def _title(kind: str, practice: str) -> str:
    titles = {
        "individuals": _("Notice of a breach of your health information at {practice}"),
        "media": _("{practice}: notice of a breach of health information"),
        "hhs": _("{practice}: particulars for the notice to the Secretary"),
    }
    return titles[kind].format(practice=practice)
