"""Headers of instances: sealed in their rows, read as DICOM JSON."""

import zlib
from typing import Any
from uuid import UUID

import orjson

from pacs import overlay as overlays
from pacs.overlay import Overlay
from pacs.selectors import InstanceRef
from vault import selectors as vault
from vault import services as vault_services
from vault.keys_of_studies import KeyHandle

LABEL = "header"


def seal(header: dict[str, Any], *, key: KeyHandle) -> bytes:
    """Return a header as it lies in the row of its instance, under the settled key of its study."""
    return vault_services.seal_small(key=key, label=LABEL, data=zlib.compress(orjson.dumps(header), 1))


def unseal_json(*, tenant_id: UUID, key_id: UUID, sealed: bytes, overlay: Overlay | None) -> bytes:
    """Return the DICOM JSON of an instance as it is served, under the patient of its study; bulk values as markers."""
    text = zlib.decompress(vault.open_small(tenant_id=tenant_id, key_id=key_id, label=LABEL, sealed=sealed))
    return orjson.dumps(overlays.apply(orjson.loads(text), overlay)) if overlay else text


def unseal(instance: InstanceRef) -> dict[str, Any]:
    """Return the DICOM JSON model of one instance (PS3.18 F.2), bulk values as their markers."""
    header: dict[str, Any] = orjson.loads(unseal_instance_json(instance))
    return header


def unseal_instance_json(instance: InstanceRef) -> bytes:
    """Return the DICOM JSON of one instance as text."""
    return unseal_json(
        tenant_id=instance.blob.tenant_id,
        key_id=instance.key_id,
        sealed=instance.sealed_header,
        overlay=instance.overlay,
    )
