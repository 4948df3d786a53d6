"""Links to studies and patients' own ways in: the codes that open them, and the sessions of those who did."""

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
    # Set when a patient passed the images on.
    made_by_patient = models.ForeignKey(
        "sharing.PatientAccess", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
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


class ThirdPartyConsent(TenantOwned):
    """The patient's consent to a link for somebody who treats nobody: an insurer, a lawyer, an employer (PA-18).

    The signed paper stays with the practice; `kept_where` says how to find it.
    """

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="consents", db_index=False)
    signed_date = models.DateField()
    kept_where = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "link"], name="sharing_consent_once"),
            models.CheckConstraint(condition=~Q(kept_where=""), name="sharing_consent_is_kept"),
        ]


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


class AccessQuerySet(models.QuerySet["PatientAccess"]):
    def usable(self) -> Self:
        """Keep what is neither revoked nor locked."""
        return self.filter(revoked_at=None, locked_at=None)

    def with_fresh_code(self, moment: dt.datetime) -> Self:
        """Keep what can still be entered with its printed code."""
        return self.usable().filter(code_used_at=None, code_expires_at__gt=moment)


class PatientAccess(TenantOwned):
    """One patient's own way to the images: begun with a code that the desk printed, which works once.

    `code_id` is derived from the first half of the code, to find the row; of the whole only a MAC is kept.
    `failures` and `sent_codes` change by single UPDATE statements only.
    """

    patient = models.ForeignKey("pacs.Patient", on_delete=models.CASCADE, related_name="+", db_index=False)
    code_id = models.UUIDField()
    code_mac = models.BinaryField(max_length=32)
    code_expires_at = models.DateTimeField()
    code_used_at = models.DateTimeField(null=True)
    # Proven by a code that was mailed to it; blank until then.
    email = models.EmailField(max_length=254, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now)
    sent_codes = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(AccessQuerySet)
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "code_id"], name="sharing_access_code")]
        indexes = [models.Index(fields=["tenant", "patient", "-id"], name="sharing_access_by_patient")]


class PatientMailCode(TenantOwned):
    """A code on its way to the address that a patient gave, as a MAC over it and the browser that asked for it."""

    access = models.ForeignKey(PatientAccess, on_delete=models.CASCADE, related_name="mail_codes", db_index=False)
    email = models.EmailField(max_length=254)
    nonce_hash = models.BinaryField(max_length=32)
    code_mac = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "access", "-id"], name="sharing_mailcode_by_access")]


class PatientSession(TenantOwned):
    """One browser of a patient; only the SHA-256 of its secret is kept."""

    access = models.ForeignKey(PatientAccess, on_delete=models.CASCADE, related_name="sessions", db_index=False)
    secret_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "access"], name="sharing_visit_by_access")]


class PatientPasskey(TenantOwned):
    """A passkey with which a patient comes back (WebAuthn level 2): public, like every key that is kept of it."""

    access = models.ForeignKey(PatientAccess, on_delete=models.CASCADE, related_name="passkeys", db_index=False)
    # Derived from the id that the authenticator gave, which has no fixed length.
    passkey_id = models.UUIDField()
    credential_id = models.BinaryField(max_length=1023)
    public_key = models.BinaryField(max_length=1024)
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "passkey_id"], name="sharing_passkey_once")]
        indexes = [models.Index(fields=["tenant", "access"], name="sharing_passkey_by_access")]


class ReportNotice(TenantOwned):
    """One mail to one person that a report is ready. The report is a plain id of the package below."""

    report_id = models.UUIDField()
    link = models.ForeignKey(ShareLink, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    access = models.ForeignKey(PatientAccess, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "report_id", "link"], condition=Q(access=None), name="sharing_notice_once_a_link"
            ),
            models.UniqueConstraint(
                fields=["tenant", "report_id", "access"], condition=Q(link=None), name="sharing_notice_once_a_patient"
            ),
            models.CheckConstraint(
                condition=Q(link=None, access__isnull=False) | Q(access=None, link__isnull=False),
                name="sharing_notice_has_one_reader",
            ),
        ]
