"""Headers of instances: sealed in their rows, read as DICOM JSON."""

import zlib
from collections.abc import Iterable
from typing import Any

import orjson

from pacs.selectors import InstanceRef
from vault import selectors as vault

LABEL = "header"


def unseal(instance: InstanceRef) -> dict[str, Any]:
    """Return the DICOM JSON model of one instance (PS3.18 F.2), bulk values as their markers."""
    sealed = vault.open_small(
        tenant_id=instance.blob.tenant_id, key_id=instance.key_id, label=LABEL, sealed=instance.sealed_header
    )
    header: dict[str, Any] = orjson.loads(zlib.decompress(sealed))
    return header


def unseal_all(instances: Iterable[InstanceRef]) -> list[dict[str, Any]]:
    """Return the headers of several instances, in order."""
    return [unseal(instance) for instance in instances]
