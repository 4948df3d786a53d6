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
    # Who wraps it: the tenant's own root key by its URL, or nothing for the root of the deployment.
    root = models.CharField(max_length=300, blank=True, default="", db_default="")
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(default=now)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "epoch"], name="vault_tenantkek_epoch"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(state="active"), name="vault_tenantkek_one_active"),
        ]


class Barrier(TenantOwned):
    """One end of an epoch: what it wrapped and is to survive was wrapped anew, the rest is noise for ever.

    The row is written in the transaction that wraps anew; a step is noted when it was done.
    """

    class Step(models.TextChoices):
        REWRAPPED = "rewrapped"
        MANIFESTED = "manifested"
        KEY_DESTROYED = "key_destroyed"
        FINISHED = "finished"

    from_epoch = models.PositiveIntegerField()
    to_epoch = models.PositiveIntegerField()
    survivors = models.PositiveIntegerField()
    step = models.CharField(max_length=13, choices=Step.choices, default=Step.REWRAPPED)
    rewrapped_at = models.DateTimeField(default=now)
    # Since then nothing that the portal keeps opens what was destroyed.
    destroyed_at = models.DateTimeField(null=True)
    # Until then a copy of the escrow may hold the key of the epoch.
    irrecoverable_after = models.DateTimeField(null=True)
    # Until then a backup may hold index columns: names, dates.
    backups_expire_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "from_epoch"], name="vault_barrier_epoch"),
            models.UniqueConstraint(
                fields=["tenant"], condition=~Q(step="finished"), name="vault_barrier_one_unfinished"
            ),
        ]


class Destruction(TenantOwned):
    """A key that is to be destroyed, how far that is, and its certificate; it outlives what it describes.

    `study_ref` is the portal's own id of the study, or whatever else the key belongs to: it names nobody. `rule` and
    `reason` say which rule asked for it and which run or request decided it, in identifiers, never in words about a
    patient.
    """

    class State(models.TextChoices):
        QUEUED = "shred_queued"
        BARRIER_BEGUN = "barrier_begun"
        BARRIER_DONE = "barrier_done"
        OBJECTS_GONE = "objects_gone"
        CERTIFIED = "certified"

    study_key = models.ForeignKey(StudyKey, on_delete=models.PROTECT, db_index=False, related_name="+")
    study_ref = models.UUIDField()
    rule = models.CharField(max_length=200)
    reason = models.CharField(max_length=200)
    requested_by = models.UUIDField()
    requested_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=13, choices=State.choices, default=State.QUEUED)
    barrier = models.ForeignKey(Barrier, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    # What each object was, measured before it was removed: id, kind, size and SHA-256 of its sealed bytes.
    objects_were = models.JSONField(null=True)
    objects_gone_at = models.DateTimeField(null=True)
    # The event that says so, to which the certificate holds a proof.
    event_id = models.UUIDField(null=True)
    certified_at = models.DateTimeField(null=True)
    # The exact bytes that are signed, and the signature.
    certificate = models.BinaryField(null=True)
    signature = models.BinaryField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "study_key"], name="vault_destruction_once"),
            models.CheckConstraint(
                condition=Q(state="shred_queued", barrier=None) | (~Q(state="shred_queued") & Q(barrier__isnull=False)),
                name="vault_destruction_barrier",
            ),
            models.CheckConstraint(
                condition=~Q(state="certified") | Q(certificate__isnull=False, signature__isnull=False),
                name="vault_destruction_certified",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "state"], condition=~Q(state="certified"), name="vault_destruction_under_way"
            ),
            models.Index(fields=["tenant", "study_ref"], name="vault_destruction_study"),
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
