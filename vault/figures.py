"""What can be measured of the open tenant's keys and objects."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce, Length

from common.scope import tenant_scope
from vault import keyring, storage
from vault.errors import KeyringError, ObjectMissingError, ObjectTamperedError
from vault.models import Blob, TenantKek
from vault.objects import PREFIX_SIZE, Prefix

_DIGEST_SIZE = 32


@dataclass(frozen=True, slots=True)
class Sample:
    """What the store really holds for some of the newest objects."""

    looked_at: int
    not_sealed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Fixity:
    """How many live objects there are, how many have a digest, and when the longest unverified one was last verified.

    An object that was never verified counts from its writing, when its bytes were hashed.
    """

    objects: int
    with_digest: int
    oldest_check_at: dt.datetime | None


def sample_objects(*, tenant_id: UUID, limit: int) -> Sample:
    """Read the first bytes of the newest objects as the store has them, and say how many are not sealed objects."""
    with tenant_scope(tenant_id):
        newest = Blob.objects.filter(state=Blob.State.LIVE).order_by("-id")
        rows = list(newest.values_list("id", "object_key")[:limit])
    missing = not_sealed = 0
    for object_id, key in rows:
        try:
            not_sealed += Prefix.parse(_head(key)).object_id != object_id
        except ObjectMissingError:
            missing += 1
        except ObjectTamperedError:
            not_sealed += 1
    return Sample(looked_at=len(rows), not_sealed=not_sealed, missing=missing)


def _head(key: str) -> bytes:
    head = bytearray(PREFIX_SIZE)
    with storage.current().open(key, 0, PREFIX_SIZE) as source:
        source.readinto(memoryview(head))
    return bytes(head)


def fixity() -> Fixity:
    """Count the digests and find the oldest check."""
    live = Blob.objects.filter(state=Blob.State.LIVE).annotate(digest_size=Length("sha256"))
    found = live.aggregate(
        objects=Count("id"),
        with_digest=Count("id", filter=Q(digest_size=_DIGEST_SIZE)),
        oldest=Min(Coalesce("verified_at", "created_at")),
    )
    return Fixity(found["objects"], found["with_digest"], found["oldest"])


def active_epoch_since() -> dt.datetime | None:
    """Return since when the active key of the tenant has been in use."""
    row = TenantKek.objects.filter(state=TenantKek.State.ACTIVE).values_list("created_at", flat=True).first()
    found: dt.datetime | None = row
    return found


def epochs_without_key(tenant_id: UUID) -> list[int]:
    """List the epochs whose keys the keyring should have and does not give."""
    with tenant_scope(tenant_id):
        epochs = TenantKek.objects.exclude(state=TenantKek.State.DESTROYED).order_by("epoch")
        wanted = list(epochs.values_list("epoch", flat=True))
    return list(_lost(tenant_id, wanted))


def _lost(tenant_id: UUID, epochs: list[int]) -> Iterator[int]:
    for epoch in epochs:
        try:
            keyring.current().epoch_key(tenant_id, epoch)
        except KeyringError:
            yield epoch
