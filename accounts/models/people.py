"""People, their roles in tenants, and how they are invited."""

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models.tenants import Site, TenantOwned
from common.clock import now
from common.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, password: str | None = None) -> "User":
        """Create a person; without a password nobody can sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def lock(self, user_id: UUID) -> None:
        """Let one transaction at a time decide about a person what no constraint decides."""
        self.select_for_update(no_key=True).get(id=user_id)


class User(AbstractBaseUser):
    """A person who signs in; may belong to several tenants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    # Where the next session begins.
    last_tenant_id = models.UUIDField(null=True, blank=True)

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


class SiteMember(TenantOwned):
    """A person who works at a site."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "site", "user"], name="accounts_site_member_once")]


class Invitation(TenantOwned):
    """An offer of roles to an address; only the SHA-256 of the secret in the newest mail is kept."""

    email = models.EmailField(max_length=254)
    roles = models.JSONField(default=list)
    site_ids = models.JSONField(default=list)
    secret_hash = models.BinaryField(max_length=32, blank=True, default=bytes)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    # Mails asked for: counted by single UPDATE statements only.
    sent_count = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="accounts_invitation_open_once",
            )
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="accounts_invitation_newest")]


class Referrer(TenantOwned):
    """A clinician who sends patients: an entry of the address book, without any access by itself."""

    name = models.CharField(max_length=120)
    practice = models.CharField(max_length=120, blank=True)
    email = models.EmailField(max_length=254)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint("tenant", Lower("email"), name="accounts_referrer_email")]
        indexes = [models.Index(fields=["tenant", "name"], name="accounts_referrer_by_name")]
