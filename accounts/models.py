"""Tenants, the people in them, and their credentials."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django_scopes import ScopedManager

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


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, password: str | None = None) -> "User":
        """Create a person; without a password nobody can sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in; may belong to several tenants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_ci")]

    def __str__(self) -> str:
        return str(self.id)


class Role(models.TextChoices):
    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    TECHNICIAN = "technician"
    RADIOLOGIST = "radiologist"
    DENTIST = "dentist"
    ASSISTANT = "assistant"
    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"


class Membership(TenantOwned):
    """One role of one person in one tenant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=32, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user", "role"], name="accounts_membership_once")]


class ApiToken(TenantOwned):
    """A secret for scripts and devices: `dpt_<id>_<secret>`, of which only the SHA-256 is kept."""

    name = models.CharField(max_length=120)
    secret_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
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
