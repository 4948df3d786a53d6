"""Which framework packs a tenant works with."""

from django.db import models

from accounts.models import TenantOwned
from common.clock import now


class PackChoice(TenantOwned):
    """The tenant's word on one pack; without a row the pack's own default holds."""

    pack_id = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    is_active = models.BooleanField()
    changed_by_id = models.UUIDField()
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "pack_id"], name="compliance_pack_once")]
