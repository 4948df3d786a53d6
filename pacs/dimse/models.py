"""Who may call the portal by DIMSE, under which name, and what is still owed to them."""

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now

AE_LENGTH = 16
UID_LENGTH = 64


class CalledTitle(TenantOwned):
    """A name under which devices call the portal (an AE title): it says which tenant they mean."""

    ae_title = models.CharField(max_length=AE_LENGTH)
    # Storage classes that the standard does not know, and private ones.
    takes_unknown_classes = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "ae_title"], name="pacs_calledtitle_once")]


class Peer(TenantOwned):
    """A DICOM device: what it may do here, and where it is called for what it asked to be sent.

    One that called without being known is proposed: it may do nothing until somebody allows it.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ALLOWED = "allowed"
        DISABLED = "disabled"

    ae_title = models.CharField(max_length=AE_LENGTH)
    name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    host = models.CharField(max_length=255, blank=True)
    port = models.IntegerField(default=104)
    uses_tls = models.BooleanField(default=False)
    # Of its certificate (DER), in hexadecimal. One that has it is not let in without TLS.
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    can_store = models.BooleanField(default=True)
    can_query = models.BooleanField(default=False)
    can_retrieve = models.BooleanField(default=False)
    can_worklist = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    last_address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ae_title"], name="pacs_peer_once"),
            models.CheckConstraint(condition=Q(port__range=(1, 65535)), name="pacs_peer_port"),
        ]
        indexes = [models.Index(fields=["tenant", "state", "ae_title"], name="pacs_peer_by_state")]


class Commitment(TenantOwned):
    """A device's question whether instances are kept safely (PS3.4 annex J), until it has heard the answer."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="commitments", db_index=False)
    transaction_uid = models.CharField(max_length=UID_LENGTH)
    called_ae_title = models.CharField(max_length=AE_LENGTH)
    # Pairs of SOP class and SOP instance.
    instances = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "peer", "transaction_uid"], name="pacs_commitment_once")
        ]
