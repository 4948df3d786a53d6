"""Decoded and rendered frames of stored instances; what is compressed is read in the sandbox."""

from collections.abc import Iterator
from math import prod
from typing import Any

from pacs.dicom import jobs, luts
from pacs.dicom.codecs import DECODABLE
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.json_model import Attributes, tag_of
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.rendering import View
from pacs.dicomweb import bulkdata, stored
from pacs.selectors import InstanceRef

Header = dict[str, Any]
_PIXEL_DATA = tag_of("PixelData")


def can_decode(transfer_syntax_uid: str) -> bool:
    """Tell whether frames of a transfer syntax can be given as plain numbers."""
    return transfer_syntax_uid in DECODABLE


def decoded_size(header: Header) -> int:
    """Return the bytes of one decoded frame."""
    pixel_format = PixelFormat.of(header)
    return prod(pixel_format.shape) * pixel_format.dtype.itemsize


def decoded(instance: InstanceRef, header: Header, number: int) -> Iterator[bytes]:
    """Yield one frame as Explicit VR Little Endian has it (PS3.5 A.2), when its turn comes."""
    yield jobs.decode_native(
        _data(instance, number),
        frame_attributes(header, number),
        instance.transfer_syntax_uid,
        vr=_vr(header),
    )


def rendered(instance: InstanceRef, header: Header, number: int, *, view: View, media_type: str, quality: int) -> bytes:
    """Return one frame as a picture (PS3.18 8.3.5 and 10.4.1.1.7).

    Raises
    ------
    SandboxError, ImageAttributeError
        When the frame cannot be decoded or shown.
    """
    return jobs.render_frame(
        _data(instance, number),
        with_tables(instance, frame_attributes(header, number)),
        instance.transfer_syntax_uid,
        view=view,
        media_type=media_type,
        quality=quality,
        vr=_vr(header),
    )


def with_tables(instance: InstanceRef, attributes: Attributes) -> Attributes:
    """Return attributes with the lookup tables inline that are too long for the header's JSON."""
    return luts.with_bulk(attributes, {uri: _table(instance, uri) for uri in luts.bulk_uris(attributes)})


def _data(instance: InstanceRef, number: int) -> bytes:
    return b"".join(stored.frame_blocks(instance, number))


def _table(instance: InstanceRef, uri: str) -> bytes:
    place = bulkdata.find_place(instance, uri.removeprefix("bulkdata/"))
    return b"".join(stored.value_blocks(instance, place.offset, place.length))


def _vr(header: Header) -> str:
    return str(header.get(_PIXEL_DATA, {}).get("vr", "OW"))
