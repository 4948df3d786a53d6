"""STOW-RS of metadata and bulk data (PS3.18 10.5.1.1 and 8.6.1.2): objects put together from their parts.

The first part is the metadata of all instances; in XML each has a part of its own. Bulk data follows in any order; an
object is stored as soon as all that it refers to is there. What is held until then is bounded; the pixels that complete
an object are not held at all.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, Final

from pacs.dicom import json_model
from pacs.dicom.errors import DicomError, MalformedError
from pacs.dicom.file_meta import file_head
from pacs.dicom.fragments import write_fragments
from pacs.dicom.json_model import Attributes, get_number, get_str, tag_of
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, TRANSFER_SYNTAXES
from pacs.dicom.uids import is_valid_uid
from pacs.dicom.writing import write_data_set, write_element_start
from pacs.dicomweb import accept
from pacs.dicomweb.described import Described
from pacs.dicomweb.errors import MalformedBodyError
from pacs.dicomweb.multipart import Part
from pacs.intake import Batch, Verdict
from pacs.intake.verdicts import FailureReason, Status

MAX_HELD_BYTES: Final = 64 << 20
_PIXEL_DATA: Final = tag_of("PixelData")
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_SYNTAX: Final = (tag_of("AvailableTransferSyntaxUID"), "00020010")
# What an image is compressed with when its part names no transfer syntax (PS3.18 tables 8.7.3-2 to 8.7.3-5).
_DEFAULTS: Final = {
    "image/dicom-rle": "1.2.840.10008.1.2.5",
    "image/jls": "1.2.840.10008.1.2.4.80",
    "image/jp2": "1.2.840.10008.1.2.4.90",
    "image/jpeg": "1.2.840.10008.1.2.4.70",
    "image/jphc": "1.2.840.10008.1.2.4.201",
}


@dataclass(slots=True)
class Pending:
    """One instance of the metadata, and what is still missing.

    `plain` are the attributes whose values can be read; the others are refused when the object is written.
    """

    attributes: Attributes
    plain: Attributes
    uris: frozenset[str] = frozenset()
    missing: set[str] = field(default_factory=set)
    pixels: str = ""
    verdict: Verdict | None = None

    @classmethod
    def of(cls, attributes: Any) -> "Pending":
        """Read which values an instance refers to."""
        if not isinstance(attributes, dict) or not all(isinstance(one, dict) for one in attributes.values()):
            raise MalformedBodyError("The metadata is not an array of data sets in the DICOM JSON model.")
        try:
            wanted = frozenset(json_model.bulk_uris(attributes))
        except (AttributeError, TypeError, RecursionError):
            raise MalformedBodyError("The metadata is not in the DICOM JSON model.") from None
        pixels = attributes.get(_PIXEL_DATA, {}).get("BulkDataURI", "")
        plain = {tag: attribute for tag, attribute in attributes.items() if _is_plain(attribute.get("Value"))}
        return cls(attributes, plain, wanted, set(wanted), pixels if isinstance(pixels, str) else "")


def store_parts(batch: Batch, parts: Iterable[Part], *, of: str = accept.JSON) -> list[Verdict]:
    """Put the objects of a request together and stage them.

    Parameters
    ----------
    batch
        Takes the objects.
    parts
        Of the request.
    of
        What the metadata is: one part of JSON for all instances, or a part of XML for each.

    Returns
    -------
    list of Verdict
        Of the instances, in the order of the metadata. Those of staged objects change when the batch is committed.

    Raises
    ------
    MalformedBodyError
        When the first part is no metadata, or a later one does not say which value it is.
    TooLargeError
        When more would have to be held than is allowed.
    LimitExceededError
        When the metadata has more elements than is allowed.
    """
    described = Described(of)
    assembly = _Assembly(batch)
    for part in parts:
        if described.is_metadata(part):
            assembly.expect([Pending.of(instance) for instance in described.read(part)])
        else:
            assembly.take(part)
    described.finish()
    return assembly.finish()


class _Assembly:
    """Instances that wait for values, and values that wait for instances."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._instances: list[Pending] = []
        self._waiting: dict[str, Pending] = {}
        # Frames of compressed pixels come one in a part, all under one address.
        self._held: dict[str, list[bytes]] = {}
        self._held_bytes = 0
        self._syntaxes: dict[str, str] = {}

    def expect(self, instances: list[Pending]) -> None:
        """Take the metadata of instances."""
        self._instances += instances
        self._waiting |= {uri: one for one in instances for uri in one.missing}
        for one in instances:
            if not one.missing:
                self._complete(one)

    def take(self, part: Part) -> None:
        """Take one part of bulk data."""
        uri = part.headers.get("content-location", "").strip()
        if not uri:
            raise MalformedBodyError("Part {number} has no Content-Location.", number=part.number)
        one = self._waiting.get(uri)
        if one is None:
            raise MalformedBodyError("Part {number} is of no value that the metadata names.", number=part.number)
        self._syntaxes[uri] = _syntax_of(part, one)
        if uri == one.pixels and one.missing == {uri} and not self._is_encapsulated(one):
            self._complete(one, part.blocks)
            return
        data = part.read(MAX_HELD_BYTES - self._held_bytes)
        self._held_bytes += len(data)
        self._held.setdefault(uri, []).append(data)
        if len(self._held[uri]) == self._number_of_parts(one, uri):
            one.missing.discard(uri)
        if not one.missing:
            self._complete(one)

    def finish(self) -> list[Verdict]:
        """Refuse what is not complete."""
        for one in self._instances:
            if one.verdict is None:
                self._refuse(one, MalformedError("bulk data that the metadata refers to is not in the request"))
        return [one.verdict for one in self._instances if one.verdict is not None]

    def _is_encapsulated(self, one: Pending) -> bool:
        syntax = TRANSFER_SYNTAXES.get(self._syntaxes.get(one.pixels, ""))
        return syntax is not None and syntax.is_encapsulated

    def _number_of_parts(self, one: Pending, uri: str) -> int:
        is_of_frames = uri == one.pixels and self._is_encapsulated(one)
        return int(get_number(one.plain, "NumberOfFrames") or 1) if is_of_frames else 1

    def _complete(self, one: Pending, pixels: Iterable[bytes] = ()) -> None:
        """Write the object and stage it; `pixels` is what is not held."""
        try:
            head = self._head(one)
            blocks = itertools.chain([head], self._pixels(one, pixels))
        except DicomError as error:
            self._refuse(one, error)
        else:
            one.verdict = self._batch.add(blocks)
        one.attributes, one.plain = {}, {}
        for uri in one.uris:
            self._held_bytes -= sum(map(len, self._held.pop(uri, [])))
            self._waiting.pop(uri, None)

    def _head(self, one: Pending) -> bytes:
        sop_class, sop_instance = (get_str(one.plain, name) for name in ("SOPClassUID", "SOPInstanceUID"))
        if not (is_valid_uid(sop_class) and is_valid_uid(sop_instance)):
            raise MalformedError("the metadata of an instance has no SOP Class and SOP Instance UID")
        bulk = {uri: self._held[uri][0] for uri in one.uris if uri in self._held}
        # What would follow the pixels is padding or a signature, which would no longer hold.
        kept = {tag: value for tag, value in one.attributes.items() if tag not in _SYNTAX and tag <= _PIXEL_DATA}
        if one.pixels:
            del kept[_PIXEL_DATA]
        header = write_data_set(kept, bulk=bulk)
        syntax = self._syntaxes.get(one.pixels, EXPLICIT_VR_LITTLE_ENDIAN)
        return file_head(sop_class_uid=sop_class, sop_instance_uid=sop_instance, transfer_syntax_uid=syntax) + header

    def _pixels(self, one: Pending, streamed: Iterable[bytes]) -> Iterator[bytes]:
        if not one.pixels:
            return iter(())
        held = self._held.get(one.pixels, [])
        if self._is_encapsulated(one):
            return iter([write_element_start(_PIXEL_DATA, "OB", _UNDEFINED_LENGTH), write_fragments(held)])
        pixel_format = PixelFormat.of(one.plain)
        frames = int(get_number(one.plain, "NumberOfFrames") or 1)
        bits = prod((*pixel_format.shape, frames, pixel_format.bits_allocated))
        size = frames * pixel_format.native_bytes if pixel_format.is_subsampled else (bits + 7) // 8
        if not 0 < size < _UNDEFINED_LENGTH:
            raise MalformedError("the pixels would be longer than an element can be", tag=int(_PIXEL_DATA, 16))
        vr = "OW" if pixel_format.bits_allocated > 8 else "OB"
        start = write_element_start(_PIXEL_DATA, vr, size + size % 2)
        return itertools.chain([start], held, streamed, [bytes(size % 2)])

    def _refuse(self, one: Pending, error: DicomError) -> None:
        one.verdict = Verdict(
            Status.REFUSED,
            sop_class_uid=_uid(one.plain, "SOPClassUID"),
            sop_instance_uid=_uid(one.plain, "SOPInstanceUID"),
        )
        one.verdict.refuse(Status.REFUSED, error, FailureReason.CANNOT_UNDERSTAND)


def _is_plain(values: Any) -> bool:
    return not values or (isinstance(values, list) and not isinstance(values[0], dict))


def _uid(attributes: Attributes, keyword: str) -> str:
    text = get_str(attributes, keyword)
    return text if is_valid_uid(text) else ""


def _syntax_of(part: Part, one: Pending) -> str:
    """Return the transfer syntax of pixels: as their part says, else as the metadata does, else as their type means."""
    wanted = accept.parse(part.headers.get("content-type", "") or accept.OCTETS)
    media = wanted[0] if wanted else accept.MediaRange(accept.OCTETS)
    values = [one.plain.get(tag, {}).get("Value") or [""] for tag in _SYNTAX]
    said = media.transfer_syntax or next((str(value[0]) for value in values if value[0]), "")
    return said or _DEFAULTS.get(media.media_type, EXPLICIT_VR_LITTLE_ENDIAN)
