"""Headers of instances: sealed in their rows, read as DICOM JSON."""

import zlib
from typing import Any
from uuid import UUID

import orjson

from pacs.selectors import InstanceRef
from vault import selectors as vault
from vault import services as vault_services
from vault.keys_of_studies import KeyHandle

LABEL = "header"


def seal(header: dict[str, Any], *, key: KeyHandle) -> bytes:
    """Return a header as it lies in the row of its instance, under the settled key of its study."""
    return vault_services.seal_small(key=key, label=LABEL, data=zlib.compress(orjson.dumps(header), 1))


def unseal_json(*, tenant_id: UUID, key_id: UUID, sealed: bytes) -> bytes:
    """Return the DICOM JSON of an instance as it was sealed, bulk values as their markers."""
    return zlib.decompress(vault.open_small(tenant_id=tenant_id, key_id=key_id, label=LABEL, sealed=sealed))


def unseal(instance: InstanceRef) -> dict[str, Any]:
    """Return the DICOM JSON model of one instance (PS3.18 F.2), bulk values as their markers."""
    text = unseal_json(tenant_id=instance.blob.tenant_id, key_id=instance.key_id, sealed=instance.sealed_header)
    header: dict[str, Any] = orjson.loads(text)
    return header
