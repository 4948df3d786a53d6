"""Tenants, what each has chosen, and its sites."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django_scopes import ScopedManager

from common.actor import Right
from common.clock import now
from common.ids import uuid7


class Tenant(models.Model):
    """An imaging centre or practice group: the wall that nothing crosses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=63, default="UTC")
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.slug


class TenantOwned(models.Model):
    """A row of exactly one tenant: a query outside `common.scope.tenant_scope` raises."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False, related_name="+")

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


def _between(least: int, most: int) -> list[Any]:
    return [MinValueValidator(least), MaxValueValidator(most)]


def report_right() -> list[str]:
    """Return what a link allows beside looking, unless a tenant chose otherwise."""
    return [Right.REPORT.value]


class TenantSettings(TenantOwned):
    """What a tenant has chosen; without a row the defaults hold. The limits are those of the security design."""

    idle_minutes = models.PositiveSmallIntegerField(default=15, validators=_between(5, 30))
    absolute_hours = models.PositiveSmallIntegerField(default=12, validators=_between(1, 12))
    share_days = models.PositiveSmallIntegerField(default=14, validators=_between(1, 90))
    share_sessions = models.PositiveSmallIntegerField(default=10, validators=_between(1, 1000))
    share_downloads = models.PositiveSmallIntegerField(default=10, validators=_between(0, 1000))
    share_rights = models.JSONField(default=report_right)
    mail_sender = models.CharField(max_length=80, blank=True)
    mail_reply_to = models.EmailField(max_length=254, blank=True)
    # Of mails, and of pages for staff who chose none; nothing: what browsers ask for, and English in mails.
    language = models.CharField(max_length=8, blank=True, db_default="")
    # "#rrggbb", or nothing for the colour of the house.
    colour = models.CharField(max_length=7, blank=True)
    # A PNG that this portal wrote itself.
    logo = models.BinaryField(blank=True, default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="accounts_settings_once"),
            models.CheckConstraint(condition=Q(idle_minutes__range=(5, 30)), name="accounts_settings_idle"),
            models.CheckConstraint(condition=Q(absolute_hours__range=(1, 12)), name="accounts_settings_absolute"),
            models.CheckConstraint(condition=Q(share_days__range=(1, 90)), name="accounts_settings_share_days"),
        ]


class Site(TenantOwned):
    """A place where the tenant works; a closed one keeps its name in what was written."""

    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint("tenant", Lower("name"), name="accounts_site_name")]
