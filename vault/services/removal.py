"""The last step of a barrier: what a destroyed key had sealed is removed, and a certificate says so."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import selectors as audit_log
from audit import services as audit
from common.actor import system_actor
from common.clock import now
from common.crashpoint import crashpoint
from common.errors import UnavailableError
from common.scope import tenant_scope
from vault import certificate, storage
from vault.errors import ObjectMissingError
from vault.models import Blob, Destruction
from vault.objects import ObjectKind

_BLOCK = 1 << 20


def remove_objects(*, tenant_id: UUID, destruction_id: UUID) -> None:
    """Measure the objects of a destroyed key, remove them, and have their absence confirmed.

    Raises
    ------
    UnavailableError
        If the store does not answer, or still has one of them; it may be tried again.
    """
    with tenant_scope(tenant_id):
        row = Destruction.objects.get(tenant_id=tenant_id, id=destruction_id)
        blobs = Blob.objects.filter(tenant_id=tenant_id, study_key_id=row.study_key_id)
        keys = dict(blobs.exclude(state=Blob.State.GONE).values_list("object_key", "id"))
    if row.state != Destruction.State.BARRIER_DONE:
        return
    if row.objects_were is None:
        _measure(tenant_id, row)
        crashpoint("removal.measured")
    # Also the copies among the backups: they are noise, and would be that for years.
    for store in (storage.backups(), storage.current()):
        store.delete(sorted(keys))
        if store.remaining(sorted(keys)):
            raise UnavailableError("The object store keeps what it was told to remove.")
    crashpoint("removal.removed")
    with tenant_scope(tenant_id), transaction.atomic():
        gone = Destruction.objects.select_for_update().get(tenant_id=tenant_id, id=row.id)
        if gone.state != Destruction.State.BARRIER_DONE:
            return
        # A digest of plain bytes would still tell one image from another.
        Blob.objects.filter(tenant_id=tenant_id, study_key_id=row.study_key_id).update(
            state=Blob.State.GONE, sha256=b"", head=b""
        )
        gone.state, gone.objects_gone_at = Destruction.State.OBJECTS_GONE, now()
        gone.event_id = audit.record(
            actor=system_actor(tenant_id),
            action=certificate.ACTION,
            study_id=row.study_ref,
            subject_id=row.study_key_id,
            detail={
                "rule": row.rule,
                "reason": row.reason,
                "objects": len(gone.objects_were),
                "objects_sha256": certificate.digest(gone.objects_were),
            },
        )
        gone.save(update_fields=["state", "objects_gone_at", "event_id"])
    crashpoint("removal.gone")


def _measure(tenant_id: UUID, row: Destruction) -> None:
    """Note what each object is, by its sealed bytes: nothing else of it is left to compare with."""
    with tenant_scope(tenant_id):
        blobs = Blob.objects.filter(tenant_id=tenant_id, study_key_id=row.study_key_id).exclude(state=Blob.State.GONE)
        found = list(blobs.order_by("id").values_list("id", "kind", "object_key", "cipher_size"))
    measured = [
        {"id": str(blob_id), "kind": ObjectKind(kind).name.lower(), "size": size, "sha256": _digest(key, size)}
        for blob_id, kind, key, size in found
    ]
    with tenant_scope(tenant_id), transaction.atomic():
        Destruction.objects.filter(id=row.id).update(objects_were=measured)
        Blob.objects.filter(tenant_id=tenant_id, id__in=[blob[0] for blob in found]).update(state=Blob.State.DELETING)


def _digest(key: str, size: int) -> str:
    """Return the SHA-256 of an object as it lies in the store; "missing" where there is none."""
    digest, buffer = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    try:
        with storage.current().open(key, 0, size) as source:
            while filled := source.readinto(buffer):
                digest.update(buffer[:filled])
    except ObjectMissingError:
        return "missing"
    return digest.hexdigest()


def certify(*, tenant_id: UUID, destruction_ids: Sequence[UUID]) -> None:
    """Sign the certificates of destructions whose objects are gone, and keep a copy of each beside the backups.

    Raises
    ------
    NotCheckpointedError
        If the audit log has not yet signed for the events of the destructions; it may be tried again.
    """
    _checkpoint(tenant_id)
    for destruction_id in destruction_ids:
        _certify(tenant_id, destruction_id)
        crashpoint("removal.certified")


def _checkpoint(tenant_id: UUID) -> None:
    """Let the log grow by what waits, and sign for it: the certificate holds a proof from it."""
    while audit.sequence(tenant_id=tenant_id):
        pass
    audit.sign_checkpoint(tenant_id=tenant_id)


def _certify(tenant_id: UUID, destruction_id: UUID) -> None:
    with tenant_scope(tenant_id), transaction.atomic():
        rows = Destruction.objects.select_for_update(of=("self",)).select_related("barrier", "study_key")
        row = rows.get(tenant_id=tenant_id, id=destruction_id)
        if row.state != Destruction.State.OBJECTS_GONE:
            return
        signer = audit.signer_of(tenant_id=tenant_id)
        proof = audit_log.get_proof(event_id=row.event_id)
        row.certificate = certificate.canonical(_document(row, signer.name, proof))
        row.signature = signer.sign(row.certificate)
        row.state, row.certified_at = Destruction.State.CERTIFIED, now()
        row.save(update_fields=["certificate", "signature", "state", "certified_at"])
        # Before the commit: a restored backup finds the certificate there, and a second copy replaces the first.
        copy = certificate.envelope(body=row.certificate, signature=row.signature, verifier_key=signer.verifier_key)
        storage.backups().put(copy_address(tenant_id, row.study_key_id), copy, is_replacing=True)


def copy_address(tenant_id: UUID, key_id: UUID) -> str:
    """Return where the copy of a certificate lies in the backup store."""
    return f"certificates/{tenant_id}/{key_id}.json"


def _document(row: Destruction, signer: str, proof: str) -> dict[str, Any]:
    barrier = row.barrier
    assert barrier is not None
    assert barrier.destroyed_at is not None
    assert barrier.irrecoverable_after is not None
    assert barrier.backups_expire_at is not None
    assert row.objects_gone_at is not None
    return {
        "type": certificate.KIND,
        "issuer": signer,
        "tenant": str(row.tenant_id),
        "study": str(row.study_ref),
        "rule": row.rule,
        "reason": row.reason,
        "key": {"id": str(row.study_key_id), "check_value": bytes(row.study_key.kcv).hex()},
        "epoch_destroyed": barrier.from_epoch,
        "epoch_after": barrier.to_epoch,
        "objects": row.objects_were,
        "requested_at": certificate.instant(row.requested_at),
        "unreadable_since": certificate.instant(barrier.destroyed_at),
        "objects_gone_at": certificate.instant(row.objects_gone_at),
        "irrecoverable_after": certificate.instant(barrier.irrecoverable_after),
        "index_columns_expire_at": certificate.instant(barrier.backups_expire_at),
        "issued_at": certificate.instant(now()),
        "audit_proof": proof,
        "method": certificate.METHOD,
        "standards": list(certificate.STANDARDS),
    }
