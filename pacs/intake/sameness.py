"""Whether two files hold the same object: who writes the file meta information writes it in his own way.

A device sends data sets, a browser files; the same image by both ways is one image, not a conflict.
"""

import hashlib
from typing import TYPE_CHECKING

from pacs.dicom.file_meta import START_BYTES, data_set_offset
from vault import selectors as vault
from vault import services as vault_services

if TYPE_CHECKING:
    from uuid import UUID

    from pacs.intake.batch import Item
    from vault.reader import ObjectReader


def is_same_data_set(*, tenant_id: "UUID", blob_id: "UUID", transfer_syntax_uid: str, item: "Item") -> bool:
    """Compare what follows the file meta information of a stored object and of one that arrives."""
    assert item.staged is not None
    assert item.key is not None
    assert item.scan is not None
    if item.scan.head.transfer_syntax_uid != transfer_syntax_uid:
        return False
    stored = vault.open_object(tenant_id=tenant_id, blob_id=blob_id)
    arrived = vault_services.open_staged(item.staged, key=item.key)
    starts = [data_set_offset(reader.read(0, START_BYTES)) for reader in (stored, arrived)]
    if stored.plain_size - starts[0] != arrived.plain_size - starts[1]:
        return False
    return _digest(stored, starts[0]) == _digest(arrived, starts[1])


def _digest(reader: "ObjectReader", start: int) -> bytes:
    found = hashlib.sha256()
    for block in reader.stream(start):
        found.update(block)
    return found.digest()
