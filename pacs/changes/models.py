"""Which studies changed, in what order, and who is told."""

from django.db import models

from accounts.models import TenantOwned
from common.clock import now


class Feed(TenantOwned):
    """The last number that a change of the tenant got; whoever takes the next holds the row until it is committed."""

    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="pacs_feed_once")]


class Change(TenantOwned):
    """That a study changed: one row a study, under the number of its newest change.

    Whoever was away for a year hears of each study once. No key leads to the study: that it was destroyed is a change,
    too, and nothing but the portal's own id is left of it.
    """

    study_id = models.UUIDField()
    number = models.BigIntegerField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "study_id"], name="pacs_change_once"),
            models.UniqueConstraint(fields=["tenant", "number"], name="pacs_change_in_order"),
        ]


class Hook(TenantOwned):
    """An address that is told of changes. `taken` is the number of the last one that it took."""

    url = models.CharField(max_length=500)
    is_on = models.BooleanField(default=True)
    taken = models.BigIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "url"], name="pacs_hook_once")]
