"""What was changed in the inventory and the map, by whom and when: the map of any day is read back from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class InventoryChange(TenantOwned):
    """One change of one asset, party or flow; `fields` holds the old and the new value of each field. Append-only."""

    class Noun(models.TextChoices):
        ASSET = "asset", _("Asset")
        PARTY = "party", _("Party")
        FLOW = "flow", _("Flow")

    class Verb(models.TextChoices):
        CREATED = "created", _("Added")
        CHANGED = "changed", _("Changed")
        VERIFIED = "verified", _("Confirmed as it is")
        DISPOSED = "disposed", _("Disposed of")
        ENDED = "ended", _("Ended")
        PHOTO_ADDED = "photo_added", _("Photo added")
        PHOTO_REMOVED = "photo_removed", _("Photo removed")

    noun = models.CharField(max_length=5, choices=Noun.choices)
    subject_id = models.UUIDField()
    verb = models.CharField(max_length=13, choices=Verb.choices)
    fields = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "noun", "subject_id", "-id"], name="compliance_change_of"),
            models.Index(fields=["tenant", "-id"], name="compliance_change_newest"),
        ]
