"""The last step of a barrier: what a destroyed key had sealed is removed, and a certificate says so."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

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
from vault.storage import pool

_BLOCK = 1 << 20
# Keys that go through a step together: one transaction and one look at the store for all of them.
_AT_ONCE = 20


def remove_objects(*, tenant_id: UUID, destruction_ids: Sequence[UUID]) -> None:
    """Measure the objects of destroyed keys, remove them, and have their absence confirmed.

    Several keys at a time go through each step together; after a crash those of them go on that are not done.

    Raises
    ------
    UnavailableError
        If the store does not answer, or still has one of them; it may be tried again.
    """
    for some in _batches(destruction_ids):
        _remove(tenant_id, some)


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _remove(tenant_id: UUID, destruction_ids: Sequence[UUID]) -> None:
    with tenant_scope(tenant_id):
        rows = list(_with_objects(tenant_id, destruction_ids))
        blobs = Blob.objects.filter(tenant_id=tenant_id, study_key_id__in=[row.study_key_id for row in rows])
        keys = sorted(blobs.exclude(state=Blob.State.GONE).values_list("object_key", flat=True))
        former = sorted(blobs.filter(state=Blob.State.GONE).values_list("object_key", flat=True))
    if not rows:
        return
    _measure(tenant_id, [row for row in rows if row.objects_were is None])
    crashpoint("removal.measured")
    # Also the copies among the backups: they are noise, and would be that for years. Of what went before, those alone
    # are left, and one that was handed over (`hand_over`) would open by a key that lives.
    for store, doomed in ((storage.backups(), [*keys, *former]), (storage.current(), keys)):
        store.delete(doomed)
        if store.remaining(doomed):
            raise UnavailableError("The object store keeps what it was told to remove.")
    crashpoint("removal.removed")
    with tenant_scope(tenant_id), transaction.atomic():
        _note_gone(tenant_id, list(_with_objects(tenant_id, destruction_ids).select_for_update()))
    crashpoint("removal.gone")


def _with_objects(tenant_id: UUID, destruction_ids: Sequence[UUID]) -> QuerySet[Destruction]:
    rows: QuerySet[Destruction] = Destruction.objects.filter(tenant_id=tenant_id, id__in=destruction_ids)
    return rows.filter(state=Destruction.State.BARRIER_DONE).order_by("id")


def _note_gone(tenant_id: UUID, rows: Sequence[Destruction]) -> None:
    # A digest of plain bytes would still tell one image from another.
    Blob.objects.filter(tenant_id=tenant_id, study_key_id__in=[row.study_key_id for row in rows]).update(
        state=Blob.State.GONE, sha256=b"", head=b""
    )
    events = audit.record_all(actor=system_actor(tenant_id), entries=[_entry(row) for row in rows])
    for row, event_id in zip(rows, events, strict=True):
        row.state, row.objects_gone_at, row.event_id = Destruction.State.OBJECTS_GONE, now(), event_id
    Destruction.objects.bulk_update(rows, ["state", "objects_gone_at", "event_id"])


def _entry(row: Destruction) -> audit.Entry:
    objects: list[dict[str, Any]] = row.objects_were or []
    return audit.Entry(
        certificate.ACTION,
        study_id=row.study_ref,
        subject_id=row.study_key_id,
        detail={
            "rule": row.rule,
            "reason": row.reason,
            "objects": len(objects),
            "objects_sha256": certificate.digest(objects),
        },
    )


def _measure(tenant_id: UUID, rows: Sequence[Destruction]) -> None:
    """Note what each object is, by its sealed bytes: nothing else of it is left to compare with."""
    measured: dict[UUID, list[dict[str, Any]]] = {row.study_key_id: [] for row in rows}
    with tenant_scope(tenant_id):
        blobs = Blob.objects.filter(tenant_id=tenant_id, study_key_id__in=list(measured)).exclude(state=Blob.State.GONE)
        found = list(blobs.order_by("id").values_list("study_key_id", "id", "kind", "object_key", "cipher_size"))
    for owner, blob_id, kind, key, size in found:
        what = {"id": str(blob_id), "kind": ObjectKind(kind).name.lower(), "size": size, "sha256": _digest(key, size)}
        measured[owner].append(what)
    for row in rows:
        row.objects_were = measured[row.study_key_id]
    with tenant_scope(tenant_id), transaction.atomic():
        Destruction.objects.bulk_update(rows, ["objects_were"])
        blobs.update(state=Blob.State.DELETING)


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
    for some in _batches(destruction_ids):
        _certify(tenant_id, some)
        crashpoint("removal.certified")


def _checkpoint(tenant_id: UUID) -> None:
    """Let the log grow by what waits, and sign for it: the certificate holds a proof from it."""
    while audit.sequence(tenant_id=tenant_id):
        pass
    audit.sign_checkpoint(tenant_id=tenant_id)


def _certify(tenant_id: UUID, destruction_ids: Sequence[UUID]) -> None:
    signer = audit.signer_of(tenant_id=tenant_id)
    with tenant_scope(tenant_id), transaction.atomic():
        rows = Destruction.objects.select_for_update(of=("self",)).select_related("barrier", "study_key")
        gone = rows.filter(tenant_id=tenant_id, id__in=destruction_ids, state=Destruction.State.OBJECTS_GONE)
        certified, copies = list(gone.order_by("id")), []
        proofs = audit_log.get_proofs(event_ids=[row.event_id for row in certified if row.event_id])
        for row in certified:
            body = certificate.canonical(_document(row, signer.name, proofs[row.event_id]))
            row.certificate, row.signature = body, (signature := signer.sign(body))
            row.state, row.certified_at = Destruction.State.CERTIFIED, now()
            copy = certificate.envelope(body=body, signature=signature, verifier_key=signer.verifier_key)
            copies.append((copy_address(tenant_id, row.study_key_id), copy))
        Destruction.objects.bulk_update(certified, ["certificate", "signature", "state", "certified_at"])
        # Before the commit: a restored backup finds the certificates there, and a second copy replaces the first.
        pool.each(_keep_copy, copies)


def _keep_copy(copy: tuple[str, bytes]) -> None:
    storage.backups().put(*copy, is_replacing=True)


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
