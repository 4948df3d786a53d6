"""WADO-RS bulk data: values that the metadata only refers to (PS3.18 10.4.1.1.5 and F.2.6)."""

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.actor import Actor
from pacs import gate, headers, leaving, selectors
from pacs.archive import downloads
from pacs.dicom import json_model
from pacs.dicom.elements import BulkValue
from pacs.dicom.scan import Scanner
from pacs.dicomweb import accept, addresses, parts, ranges, stored, streams
from pacs.dicomweb.accept import Offer
from pacs.dicomweb.parts import OutgoingPart
from pacs.dicomweb.ranges import Whole
from pacs.errors import StudyNotFoundError
from pacs.selectors import InstanceRef

_PIXEL_DATA = json_model.tag_of("PixelData")
_DOCUMENT = json_model.tag_of("EncapsulatedDocument")
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Value:
    """One or several runs of bytes: encapsulated pixel data has one for each frame.

    `read` gives a single run from an offset, so many bytes.
    """

    sizes: tuple[int, ...]
    runs: tuple[Iterable[bytes], ...]
    read: Callable[[int, int], Iterable[bytes]] | None = None


def _run(instance: InstanceRef, begin: int, size: int) -> Value:
    """Return a value that lies in one piece of the object."""

    def read(offset: int, length: int) -> Iterable[bytes]:
        return stored.value_blocks(instance, begin + offset, length)

    return Value((size,), (read(0, size),), read)


def retrieve_bulkdata(request: HttpRequest, *, study: str, series: str, instance: str, path: str) -> HttpResponseBase:
    """Send one value of an instance; a PDF by itself and as what it is, unless something else is asked for."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    with gate.enter(reached):
        found = selectors.get_instance(study_id=reached.study.id, series_instance_uid=series, sop_instance_uid=instance)
        header = headers.unseal(found)
        leaving.open_access(reached, "download")
    value = _value(found, header, path.upper())
    offers = _offers(header, path.upper(), is_single=len(value.runs) == 1)
    choice = accept.choose(accept.ranges_of(request), offers)
    if path.upper() == _PIXEL_DATA:
        downloads.count(reached.actor)
    media_type = choice.offer.media_type
    if not choice.offer.is_multipart and value.read is not None:
        tag = f'"{found.sha256.hex()}-{path.upper().replace("/", "-")}"'
        return ranges.send(request, Whole(media_type, value.sizes[0], value.read, tag), actor=reached.actor)
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


def retrieve_all_bulkdata(
    request: HttpRequest, *, study: str, series: str | None = None, instance: str | None = None
) -> HttpResponseBase:
    """Send every bulk value of a study, a series or an instance, each under the address that its metadata names."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    with gate.enter(reached):
        found = selectors.list_instances(
            study_id=reached.study.id, series_instance_uid=series, sop_instance_uid=instance
        )
    if not found:
        raise StudyNotFoundError()
    accept.choose(accept.ranges_of(request), [Offer(accept.OCTETS, is_multipart=True)])
    downloads.begin(reached, found)
    boundary = parts.new_boundary()
    outgoing = (part for one in found for part in _parts_of(one, study))
    return streams.stream(
        parts.write_one_by_one(outgoing, boundary),
        actor=reached.actor,
        content_type=parts.content_type_of(accept.OCTETS, boundary),
    )


def _parts_of(instance: InstanceRef, study_uid: str) -> Iterator[OutgoingPart]:
    header = headers.unseal(instance)
    root = addresses.instance_url(addresses.ROOT, study_uid, instance.series_instance_uid, instance.sop_instance_uid)
    for path in (uri.removeprefix("bulkdata/") for uri in json_model.bulk_uris(header)):
        value = _value(instance, header, path)
        is_compressed = path == _PIXEL_DATA and stored.index_of(instance).is_encapsulated
        syntax = f"; transfer-syntax={instance.transfer_syntax_uid}" if is_compressed else ""
        for size, run in zip(value.sizes, value.runs, strict=True):
            yield OutgoingPart(f"{accept.OCTETS}{syntax}", size, run, f"{root}/bulkdata/{path}")


def send_document(instance: InstanceRef, header: dict[str, Any], *, actor: Actor) -> HttpResponseBase:
    """Send the encapsulated document of an instance as a whole."""
    value = _value(instance, header, _DOCUMENT)
    return streams.stream(value.runs[0], actor=actor, content_type=_PDF, size=value.sizes[0])


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
    return _run(instance, place.offset, place.length)


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
        return _run(instance, index.offset, size)
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
