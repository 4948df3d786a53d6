"""WADO-RS bulk data: values that the metadata only refers to (PS3.18 10.4.1.1.5 and F.2.6)."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit import services as audit
from pacs import gate, headers, selectors
from pacs.archive import downloads
from pacs.dicom import json_model
from pacs.dicom.elements import BulkValue
from pacs.dicom.scan import Scanner
from pacs.dicomweb import accept, parts, stored, streams
from pacs.dicomweb.accept import Offer
from pacs.dicomweb.parts import OutgoingPart
from pacs.errors import StudyNotFoundError
from pacs.selectors import InstanceRef

_PIXEL_DATA = json_model.tag_of("PixelData")
_DOCUMENT = json_model.tag_of("EncapsulatedDocument")
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Value:
    """One or several runs of bytes: encapsulated pixel data has one for each frame."""

    sizes: tuple[int, ...]
    runs: tuple[Iterable[bytes], ...]


def retrieve_bulkdata(request: HttpRequest, *, study: str, series: str, instance: str, path: str) -> HttpResponseBase:
    """Send one value of an instance; a PDF by itself and as what it is, unless something else is asked for."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    with gate.enter(reached):
        found = selectors.get_instance(study_id=reached.study.id, series_instance_uid=series, sop_instance_uid=instance)
        header = headers.unseal(found)
        audit.open_access(actor=reached.actor, study_id=reached.study.id, purpose="download")
    value = _value(found, header, path.upper())
    offers = _offers(header, path.upper(), is_single=len(value.runs) == 1)
    choice = accept.choose(accept.ranges_of(request), offers)
    if path.upper() == _PIXEL_DATA:
        downloads.count(reached.actor)
    media_type = choice.offer.media_type
    if not choice.offer.is_multipart:
        return streams.stream(value.runs[0], actor=reached.actor, content_type=media_type, size=value.sizes[0])
    boundary = parts.new_boundary()
    outgoing = [OutgoingPart(media_type, size, run) for size, run in zip(value.sizes, value.runs, strict=True)]
    return streams.stream(
        parts.write(outgoing, boundary),
        actor=reached.actor,
        content_type=parts.content_type_of(media_type, boundary),
        size=parts.size_of(outgoing, boundary),
    )


def _offers(header: dict[str, Any], path: str, *, is_single: bool) -> list[Offer]:
    offers = [Offer(accept.OCTETS, is_multipart=True)]
    if is_single:
        offers.append(Offer(accept.OCTETS))
    # No other type that a file claims for its document is repeated: a browser would run a page.
    if path == _DOCUMENT and json_model.get_str(header, "MIMETypeOfEncapsulatedDocument").strip() == _PDF:
        offers.insert(0, Offer(_PDF))
    return offers


def _value(instance: InstanceRef, header: dict[str, Any], path: str) -> Value:
    if path == _PIXEL_DATA:
        return _pixels(instance)
    attribute = _attribute(header, path.split("/"))
    if "InlineBinary" in attribute:
        data = base64.b64decode(attribute["InlineBinary"])
        return Value((len(data),), ([data],))
    if "BulkDataURI" not in attribute:
        raise StudyNotFoundError("The attribute is no bulk data.")
    place = find_place(instance, path)
    return Value((place.length,), (stored.value_blocks(instance, place.offset, place.length),))


def _attribute(header: dict[str, Any], steps: list[str]) -> dict[str, Any]:
    """Follow a path of tags and item numbers, ``TAG/1/TAG``, counted from 1."""
    items = header
    for tag, number in zip(steps[:-1:2], steps[1::2], strict=False):
        values = items.get(tag, {}).get("Value", [])
        if not 1 <= int(number) <= len(values) or not isinstance(values[int(number) - 1], dict):
            raise StudyNotFoundError()
        items = values[int(number) - 1]
    attribute = items.get(steps[-1])
    if not isinstance(attribute, dict):
        raise StudyNotFoundError()
    return attribute


def _pixels(instance: InstanceRef) -> Value:
    index = stored.index_of(instance)
    if not index.is_encapsulated:
        size = (index.number_of_frames * index.frame_bits + 7) // 8
        return Value((size,), (stored.value_blocks(instance, index.offset, size),))
    numbers = range(1, index.number_of_frames + 1)
    return Value(
        tuple(stored.frame_size(instance, number) for number in numbers),
        tuple(stored.frame_blocks(instance, number) for number in numbers),
    )


def find_place(instance: InstanceRef, path: str) -> BulkValue:
    """Return where a value lies, scanning the header once more: rows keep only what reading frames needs."""
    scanner = Scanner()
    for block in stored.object_blocks(instance):
        scanner.feed(block)
        found = _find(scanner, path)
        if found is not None:
            return found
    scanner.finish()
    found = _find(scanner, path)
    if found is None:
        raise StudyNotFoundError("The value is not stored in one piece.")
    return found


def _find(scanner: Scanner, path: str) -> BulkValue | None:
    bulk: Iterable[BulkValue] = scanner.head.bulk if scanner.head else ()
    return next((value for value in bulk if value.path == path), None)
