"""What one sees of an asset without any analysis: the weaknesses that its own facts tell."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.assets.selectors import OLD_CONFIRMATION
from compliance.models.states import Ephi, Safeguard

if TYPE_CHECKING:
    from compliance.models import Asset

CONCERNS = {
    "unsupported": gettext_lazy("Without security updates"),
    "unencrypted": gettext_lazy("Patients' data not encrypted"),
    "shared": gettext_lazy("Shared log-in"),
    "ownerless": gettext_lazy("Without an owner"),
    "unconfirmed": gettext_lazy("Not confirmed for a year"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness in words; the tone is never the only sign of it."""

    code: str
    label: str
    tone: str


def findings_of(asset: "Asset", *, day: dt.date) -> tuple[Finding, ...]:
    """Return what stands out about an asset on a day, the worst first."""
    if asset.status == asset.Status.DISPOSED:
        return ()
    open_states = {Safeguard.NO, Safeguard.PARTLY}
    ends = asset.os_support_end_date
    confirmed = asset.verified_at.date() if asset.verified_at else None
    found = (
        (ends is not None and ends < day, "unsupported", _("no security updates"), "bad"),
        (
            asset.ephi == Ephi.STORED and asset.encryption_at_rest in open_states,
            "unencrypted",
            _("not encrypted"),
            "bad",
        ),
        (asset.shared_login in {Safeguard.YES, Safeguard.PARTLY}, "shared", _("shared log-in"), "bad"),
        (not asset.owner, "ownerless", _("no owner"), "warn"),
        (confirmed is None or day - confirmed > OLD_CONFIRMATION, "unconfirmed", _("to be confirmed"), "neutral"),
    )
    return tuple(Finding(code, label, tone) for applies, code, label, tone in found if applies)
