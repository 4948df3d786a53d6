"""What proves who somebody is, and the sessions that came of it."""

from django.db import models

from accounts.models.people import User
from accounts.models.tenants import Tenant, TenantOwned
from common.clock import now
from common.ids import uuid7


class ApiToken(TenantOwned):
    """A secret for scripts and devices: `dpt_<id>_<secret>`, of which only the SHA-256 is kept."""

    name = models.CharField(max_length=120)
    secret_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    # Networks (CIDR) that it works from; none listed means everywhere.
    networks = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "created_at"], name="accounts_token_by_tenant")]


class Directory(models.Model):
    """Which tenants a credential belongs to: read before the tenant is known, hence without row-level security."""

    id = models.BigAutoField(primary_key=True)
    credential_id = models.UUIDField()
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credential_id", "tenant"], name="accounts_directory_once")]

    def __str__(self) -> str:
        return str(self.credential_id)


class SignIn(models.Model):
    """A session of a person, as its owner sees it; it belongs to the person, who may work for several tenants.

    The session itself lies in Django's table under the same key: ending it here deletes it there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    started_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["user", "-seen_at"], name="accounts_sign_in_by_user")]

    def __str__(self) -> str:
        return str(self.id)


class PasswordReset(models.Model):
    """One mail that lets a person choose a new password; only the SHA-256 of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    secret_hash = models.BinaryField(max_length=32, blank=True, default=bytes)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class RateCount(models.Model):
    """How often something was done within a window of time; `bucket` is a MAC, so that it names nobody.

    `used` changes by single UPDATE statements only.
    """

    id = models.BigAutoField(primary_key=True)
    bucket = models.CharField(max_length=64)
    window_at = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window_at"], name="accounts_rate_count_once")]

    def __str__(self) -> str:
        return str(self.id)
