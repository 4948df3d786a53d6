"""Links to studies, the codes that open them, and the sessions of guests who did."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now


class LinkQuerySet(models.QuerySet["ShareLink"]):
    def open_at(self, moment: dt.datetime) -> Self:
        """Keep the links that are within their time, neither revoked nor locked."""
        return self.filter(revoked_at=None, locked_at=None, not_before__lte=moment, expires_at__gte=moment)

    def with_free_session(self) -> Self:
        """Keep the links that may be opened once more."""
        return self.filter(used_sessions__lt=F("max_sessions"))


class ShareLink(TenantOwned):
    """A revocable credential for one recipient; only the SHA-256 of its secret is kept.

    `used_sessions`, `used_downloads`, `failures` and `sent_codes` change by single UPDATE statements only.
    """

    secret_hash = models.BinaryField(max_length=32)
    recipient_email = models.EmailField(max_length=254)
    recipient_name = models.CharField(max_length=120, blank=True)
    # Null when a token created it; the audit log knows which.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rights = models.JSONField(default=list)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    max_sessions = models.PositiveIntegerField()
    used_sessions = models.PositiveIntegerField(default=0)
    max_downloads = models.PositiveIntegerField()
    used_downloads = models.PositiveIntegerField(default=0)
    sent_codes = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(LinkQuerySet)
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used_sessions__lte=F("max_sessions")), name="sharing_link_sessions"),
            models.CheckConstraint(condition=Q(used_downloads__lte=F("max_downloads")), name="sharing_link_downloads"),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="sharing_link_newest")]


class ShareLinkStudy(TenantOwned):
    """One study of the snapshot that a link names; what is stored later never joins it."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="snapshot", db_index=False)
    study = models.ForeignKey("pacs.Study", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "link", "study"], name="sharing_snapshot_once")]
        indexes = [models.Index(fields=["tenant", "study"], name="sharing_snapshot_by_study")]


class OneTimeCode(TenantOwned):
    """A code on its way to the recipient, as a MAC over it and the browser that asked for it."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="codes", db_index=False)
    nonce_hash = models.BinaryField(max_length=32)
    code_mac = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "link", "-id"], name="sharing_code_by_link")]


class GuestSession(TenantOwned):
    """One browser in which a link was opened; only the SHA-256 of its secret is kept."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="sessions", db_index=False)
    secret_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "link"], name="sharing_session_by_link")]
