"""Short codes that several tables share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Safeguard(models.TextChoices):
    """Whether a measure is in place; not known is an answer of its own, and never a good one."""

    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")
    NOT_APPLICABLE = "na", _("Does not apply")


class Ephi(models.TextChoices):
    """What an asset or a flow has of electronic protected health information."""

    NONE = "none", _("None")
    TRANSIENT = "transient", _("Passes through")
    STORED = "stored", _("Kept")
    UNKNOWN = "unknown", _("Not known")
