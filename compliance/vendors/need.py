"""Whether a vendor must sign an agreement before any patient's data reaches it (RA-22)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from compliance.models import Known, Vendor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Answer(StrEnum):
    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Need:
    """The answer, the reason in a sentence, and where the law says so."""

    answer: Answer
    reason: "StrOrPromise"
    citation: str


def need_of(vendor: Vendor) -> Need:
    """Say what the five answers about a vendor mean; an answer that nobody knows is never taken for a no."""
    touches = [vendor.stores, vendor.transmits, vendor.can_access]
    if vendor.treats == Known.YES:
        return _of_treater(touches)
    if Known.YES in touches and vendor.is_conduit != Known.YES:
        return Need(
            Answer.REQUIRED,
            _("It stores, transmits or can see patients' data for the practice: required before any data reaches it."),
            "45 CFR 160.103; 164.502(e)(1)(i); 164.308(b)(1)",
        )
    if vendor.is_conduit == Known.YES:
        return _of_conduit(vendor)
    if Known.UNKNOWN in touches:
        return Need(
            Answer.UNKNOWN,
            _("Not known. Ask the vendor; until it answers, treat it as required."),
            "45 CFR 160.103",
        )
    return Need(
        Answer.NOT_REQUIRED,
        _("No patient's data reaches it. This changes on the day on which remote support or diagnostics begin."),
        "45 CFR 160.103",
    )


def _of_treater(touches: list[str]) -> Need:
    if touches[0] == Known.YES:
        return Need(
            Answer.DECIDE,
            _("It treats patients and also keeps data for the practice: decide which it does here, and write it down."),
            "45 CFR 164.502(e)(1)(ii)(A); 160.103",
        )
    return Need(
        Answer.NOT_REQUIRED,
        _("Data is disclosed to a provider for treatment."),
        "45 CFR 164.502(e)(1)(ii)(A)",
    )


def _of_conduit(vendor: Vendor) -> Need:
    if vendor.stores == Known.YES:
        return Need(
            Answer.REQUIRED,
            _("Whoever keeps data is no mere conduit, even where the data is encrypted and the key is elsewhere."),
            "45 CFR 160.103 (business associate, paragraph (3))",
        )
    return Need(
        Answer.NOT_REQUIRED,
        _("It only carries data, as a postal service or an internet provider does."),
        "45 CFR 160.103; 78 FR 5566, 5571",
    )
