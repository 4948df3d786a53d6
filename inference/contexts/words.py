"""Names of kinds, states and flags, as people read them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KINDS = {
    "panoramic": gettext_lazy("panoramic"),
    "cephalometric": gettext_lazy("cephalometric"),
    "bitewing": gettext_lazy("bitewing"),
    "periapical": gettext_lazy("periapical"),
    "photo": gettext_lazy("photograph"),
    "cbct": gettext_lazy("cone-beam CT"),
}
BADGES = {
    "waiting": (gettext_lazy("waiting"), "neutral"),
    "running": (gettext_lazy("running"), "info"),
    "done": (gettext_lazy("done"), "ok"),
    "failed": (gettext_lazy("failed"), "bad"),
    "cancelled": (gettext_lazy("cancelled"), "neutral"),
}
QUALITY = {
    "small": gettext_lazy("few pixels"),
    "dark": gettext_lazy("dark"),
    "bright": gettext_lazy("bright"),
    "flat": gettext_lazy("hardly any contrast"),
    "blurred": gettext_lazy("blurred"),
}
PAPERS = {
    "agreement": gettext_lazy("signed business associate agreement"),
    "encryption-at-rest": gettext_lazy("encryption at rest"),
    "encryption-in-transit": gettext_lazy("encryption in transit"),
    "no-training": gettext_lazy("no-training clause"),
}
_SIDES = {"L": gettext_lazy("left"), "R": gettext_lazy("right")}


def told(kind: str, laterality: str, teeth: str) -> str:
    """Say what an image shows."""
    if not kind:
        return _("not recognised")
    parts = [str(KINDS[kind]), str(_SIDES.get(laterality, "")), teeth.replace("-", "–")]
    return " ".join(part for part in parts if part)
