"""Objects on their way out, by WADO-RS or C-STORE: their data sets, in an encoding that the other side takes."""

from collections.abc import Iterator
from typing import Final

from pacs.dicom.file_meta import file_head
from pacs.dicom.fragments import FRAGMENTS_END, FRAGMENTS_START, UNKNOWN_LENGTH, write_fragment
from pacs.dicom.lossless import LOSSLESS
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, TRANSFER_SYNTAXES
from pacs.dicomweb import compressing, decompressing, rewritten
from pacs.dicomweb.errors import CannotTranscodeError
from pacs.dicomweb.files import file_of
from pacs.dicomweb.recoding import matching_header
from pacs.dicomweb.rewritten import PIXEL_DATA, PIXEL_VRS
from pacs.selectors import InstanceRef
from vault import selectors as vault
from vault.reader import ObjectReader

# Those that objects are written in for who does not take the one that they are kept in.
PLAIN: Final = frozenset({EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN})
# Those of objects whose pixels are not compressed.
NATIVE: Final = frozenset(syntax.uid for syntax in TRANSFER_SYNTAXES.values() if not syntax.is_encapsulated)


def possible_syntaxes(instance: InstanceRef) -> tuple[str, ...]:
    """Return the encodings that an object is kept in and can be sent in without compressing it, in this order."""
    stored = instance.transfer_syntax_uid
    if stored not in NATIVE and not decompressing.can_be_decompressed(instance):
        return (stored,)
    return (stored, *(uid for uid in (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN) if uid != stored))


def obstacle(instance: InstanceRef, transfer_syntax_uid: str) -> str:
    """Say why an object cannot be given in one of the lossless transfer syntaxes; empty if it can."""
    return "" if transfer_syntax_uid == instance.transfer_syntax_uid else compressing.obstacle(instance)


def data_set(instance: InstanceRef, transfer_syntax_uid: str) -> Iterator[bytes]:
    """Yield the data set of an object: as it is kept, the headers of its elements written anew, or its pixels.

    Raises
    ------
    CannotTranscodeError
        If it cannot be sent in that encoding.
    """
    if transfer_syntax_uid == instance.transfer_syntax_uid:
        return file_of(instance).data_set()
    reader = vault.open_blob(instance.blob)
    if transfer_syntax_uid in LOSSLESS:
        return _compressed(instance, reader, transfer_syntax_uid)
    if transfer_syntax_uid not in possible_syntaxes(instance):
        raise CannotTranscodeError("The object cannot be sent in this transfer syntax.")
    if instance.transfer_syntax_uid in NATIVE:
        return rewritten.data_set(instance, reader, transfer_syntax_uid)
    return _decompressed(instance, reader, transfer_syntax_uid)


def file_blocks(instance: InstanceRef, transfer_syntax_uid: str) -> Iterator[bytes]:
    """Yield an object as a file (PS3.10 7) in another encoding than the one it is kept in.

    Raises
    ------
    CannotTranscodeError
        If it cannot be given in that encoding.
    """
    blocks = data_set(instance, transfer_syntax_uid)
    # What cannot be decoded is known before anything is sent.
    first = next(blocks, b"")
    yield file_head(
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        transfer_syntax_uid=transfer_syntax_uid,
    )
    yield first
    yield from blocks


def _decompressed(instance: InstanceRef, reader: ObjectReader, transfer_syntax_uid: str) -> Iterator[bytes]:
    """Yield header and first frame together: what cannot be decoded is known before anything is sent."""
    plain = decompressing.decompress(instance)
    head = rewritten.write_header(matching_header(rewritten.read_header(instance, reader), plain), transfer_syntax_uid)
    is_implicit = transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN
    vr = b"" if is_implicit else PIXEL_VRS[PIXEL_DATA] + bytes(2)
    padding = plain.size % 2
    head += PIXEL_DATA + vr + (plain.size + padding).to_bytes(4, "little")
    yield head + plain.first
    yield from plain.rest
    if padding:
        yield bytes(1)


def _compressed(instance: InstanceRef, reader: ObjectReader, transfer_syntax_uid: str) -> Iterator[bytes]:
    """Yield header and first frame together, then the others as they are made: no table says how long they will be."""
    made = compressing.compress(instance, transfer_syntax_uid)
    head = rewritten.write_header(matching_header(rewritten.read_header(instance, reader), made), transfer_syntax_uid)
    start = PIXEL_DATA + b"OB" + bytes(2) + UNKNOWN_LENGTH + FRAGMENTS_START
    yield head + start + write_fragment(made.first)
    yield from map(write_fragment, made.rest)
    yield FRAGMENTS_END
