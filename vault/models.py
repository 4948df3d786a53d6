"""Keys and objects of a tenant; the bytes themselves lie in the store, the keys of epochs in the keyring."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now


class StudyKey(TenantOwned):
    """The wrapped data key of one study or patient."""

    class Kind(models.TextChoices):
        STUDY = "study"
        PATIENT = "patient"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.STUDY)
    # Study Instance UID, or the id of a patient; none while the study lies in the bin, so that its UID is free again.
    name = models.CharField(max_length=64, null=True)  # noqa: DJ001  several keys may have no name
    epoch = models.PositiveIntegerField()
    wrapped = models.BinaryField(max_length=60, null=True)
    kcv = models.BinaryField(max_length=8)
    created_at = models.DateTimeField(default=now)
    shredded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "kind", "name"], name="vault_studykey_name"),
            models.CheckConstraint(
                condition=Q(wrapped__isnull=False, shredded_at=None) | Q(wrapped=None, shredded_at__isnull=False),
                name="vault_studykey_shredded",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "epoch"], name="vault_studykey_epoch")]


class TenantKek(TenantOwned):
    """One epoch of a tenant's keyring: what is known of it; the key itself is not here."""

    class State(models.TextChoices):
        ACTIVE = "active"
        RETIRING = "retiring"
        DESTROYED = "destroyed"

    epoch = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(default=now)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "epoch"], name="vault_tenantkek_epoch"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(state="active"), name="vault_tenantkek_one_active"),
        ]


class Blob(TenantOwned):
    """One encrypted object in the store; its id is the object id in the object's head."""

    class State(models.TextChoices):
        STAGED = "staged"
        LIVE = "live"
        DELETING = "deleting"
        GONE = "gone"

    study_key = models.ForeignKey(StudyKey, on_delete=models.PROTECT, db_index=False, related_name="+")
    kind = models.PositiveSmallIntegerField()
    backend = models.CharField(max_length=8)
    object_key = models.CharField(max_length=64)
    head = models.BinaryField(max_length=122)
    plain_size = models.PositiveBigIntegerField()
    cipher_size = models.PositiveBigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LIVE)
    created_at = models.DateTimeField(default=now)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "object_key"], name="vault_blob_object_key")]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "study_key"], name="vault_blob_study_key"),
            models.Index(fields=["tenant", "state"], condition=~Q(state="live"), name="vault_blob_not_live"),
        ]
