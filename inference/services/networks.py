"""Taking networks in: checked, sealed, and from then on unchanged."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.sandbox import SandboxError
from common.scope import tenant_scope
from inference import selectors
from inference.children import Children, Spec, children
from inference.errors import NetworkExistsError, NetworkPackageError
from inference.models import Network
from inference.networks import onnx_file
from inference.networks.errors import NetworkFileError
from inference.networks.golden import MAX_BYTES as MAX_GOLDEN_BYTES
from inference.networks.manifest import MAX_MANIFEST_BYTES, Manifest, Task, read_manifest
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.writer import StagedObject

MANIFEST: Final = "network.yaml"
MAX_CARD_BYTES: Final = 256 * 1024
# One key for all networks of a tenant: nothing of a patient lies under it.
_KEY: Final = "inference.networks"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network that was checked, with its files as they are sealed; nothing of it is in the database."""

    row: Network
    key: KeyHandle
    staged: list[StagedObject]


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read the files of a network that lies in a folder, none larger than is taken.

    Raises
    ------
    NetworkPackageError
        If there is no network.yaml, or a file is too large.
    """
    files = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            if path.stat().st_size > onnx_file.MAX_BYTES:
                raise NetworkPackageError(f"{path.name} has more than {onnx_file.MAX_BYTES} bytes")
            files[path.name] = path.read_bytes()
    if MANIFEST not in files:
        raise NetworkPackageError(f"there is no {MANIFEST}")
    return files


def import_network(*, actor: Actor, files: Files) -> UUID:
    """Check a network and keep it.

    Parameters
    ----------
    files
        By plain name: network.yaml, and what it names.

    Raises
    ------
    NetworkPackageError, ManifestError, NetworkFileError, NetworkOutputError, GoldenError
        What is wrong with it.
    NetworkExistsError
        If this version, or the same manifest under another name, is there.
    """
    return keep(actor=actor, prepared=prepare(actor=actor, files=files))


def prepare(*, actor: Actor, files: Files, is_bundled: bool = False) -> Prepared:
    """Check and seal a network that `keep` is to write, outside of any transaction: it takes seconds."""
    access.require(actor, "network.manage")
    manifest = read_manifest(_file(files, MANIFEST, MAX_MANIFEST_BYTES))
    onnx = _file(files, manifest.file, onnx_file.MAX_BYTES)
    golden = _file(files, manifest.golden.file, MAX_GOLDEN_BYTES)
    card = _file(files, manifest.card, MAX_CARD_BYTES)
    digest = hashlib.sha256(files[MANIFEST]).digest()
    with tenant_scope(actor.tenant_id):
        _refuse_known(manifest, digest)
    checks = check(files[MANIFEST], manifest, onnx, golden)
    key = vault.key_for(tenant_id=actor.tenant_id, name=_KEY)
    staged = _seal(key, onnx, golden)
    row = Network(
        tenant_id=actor.tenant_id,
        digest=digest,
        manifest=files[MANIFEST].decode(),
        card=card.decode("utf-8", "replace"),
        onnx_blob_id=staged[0].id,
        golden_blob_id=staged[1].id,
        size_bytes=len(onnx),
        is_bundled=is_bundled,
        checks=checks,
        imported_by=actor.id,
        **_columns(manifest),
    )
    return Prepared(row, key, staged)


def check(text: bytes, manifest: Manifest, onnx: bytes, golden: bytes) -> dict[str, Any]:
    """Read a network in a child of its own and run it on its golden image; return what was seen.

    Raises
    ------
    NetworkFileError, NetworkOutputError, GoldenError
        The verdict.
    """
    digest = hashlib.sha256(text).hexdigest()
    spec = Spec(digest, text.decode(), manifest.output.task is Task.VOLUME_SEGMENTATION, lambda: onnx)
    box = Children(warm=1)
    try:
        loaded = box.load(spec)
        found = box.ask(spec, "golden_job", golden)
    except SandboxError as error:
        raise NetworkFileError(_WHY[error.reason]) from None
    finally:
        box.close()
    return {
        "runtime": loaded["runtime"],
        "opset": loaded["opset"],
        "golden_findings": len(found["findings"]),
        "golden_ms": round(found["wall_s"] * 1000),
    }


_WHY: Final = {
    "memory": "the network needs more memory than its process is granted",
    "timeout": "the network took too long on its golden image",
    "crashed": "the network's process ended unexpectedly while it was read or run",
    "refused": "the network's process refused it",
}


def retire_network(*, actor: Actor, network_id: UUID) -> None:
    """Let a network run no more; what it found stays."""
    access.require(actor, "network.manage")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_network(network_id=network_id)
        if row.retired_at is None:
            Network.objects.filter(id=row.id).update(retired_at=now())
            audit.record(actor=actor, action="network.retired", subject_id=row.id)
    children().forget(bytes(row.digest).hex())


def _file(files: Files, name: str, most: int) -> bytes:
    if name not in files:
        raise NetworkPackageError(f"there is no {name}")
    if len(files[name]) > most:
        raise NetworkPackageError(f"{name} has {len(files[name])} bytes, at most {most} are taken")
    return files[name]


def _refuse_known(manifest: Manifest, digest: bytes) -> None:
    named = Network.objects.filter(name=manifest.name, version=manifest.version)
    if named.exists() or Network.objects.filter(digest=digest).exists():
        raise NetworkExistsError(f"{manifest.name} {manifest.version} is there already")


def _columns(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "title": manifest.title,
        "licence": manifest.licence,
        "supplier_name": manifest.supplier.name,
        "relation": manifest.supplier.relation,
        "task": manifest.output.task.value,
        "kinds": [kind.value for kind in manifest.input.kinds],
    }


def _seal(key: KeyHandle, *contents: bytes) -> list[StagedObject]:
    staged = []
    for content in contents:
        with vault.stage(key=key, kind=ObjectKind.INFERENCE) as writer:
            writer.write(content)
            staged.append(writer.finish())
    vault.sync(staged)
    return staged


def keep(*, actor: Actor, prepared: Prepared) -> UUID:
    """Write a network that was prepared, or raise where it is there by now."""
    row = prepared.row
    with tenant_scope(actor.tenant_id), transaction.atomic():
        # Of two that import the same at once, one has been quicker.
        taken = Network.objects.filter(name=row.name, version=row.version).exists()
        if not taken:
            Network.objects.bulk_create([row], ignore_conflicts=True)
            taken = not Network.objects.filter(id=row.id).exists()
        if not taken:
            vault.commit(keys=[prepared.key], staged=prepared.staged)
            detail = {"name": row.name, "version": row.version, "sha256": bytes(row.digest).hex()}
            audit.record(actor=actor, action="network.imported", subject_id=row.id, detail=detail)
    if taken:
        vault.discard(prepared.staged)
        raise NetworkExistsError(f"{row.name} {row.version} is there already")
    return row.id
