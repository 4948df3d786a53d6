"""WADO-RS frames (PS3.18 10.4.1.1.6 and 8.7.3.3.2): the hot path of every viewer."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from common.errors import InvalidInputError
from pacs import headers
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, TRANSFER_SYNTAXES
from pacs.dicomweb import accept, parts, pixels, stored, streams
from pacs.dicomweb.accept import Choice, Offer
from pacs.dicomweb.access import read_series
from pacs.dicomweb.parts import OutgoingPart
from pacs.selectors import InstanceRef

# What is sent from memory; more goes block by block.
_WHOLE_BYTES = 4 << 20
_MAX_FRAMES = 10_000

# Media types of compressed frames (PS3.18 tables 8.7.3-2 to 8.7.3-6).
_MEDIA_TYPES = {
    "image/dicom-rle": ("1.2.840.10008.1.2.5",),
    "image/jpeg": (
        "1.2.840.10008.1.2.4.50",
        "1.2.840.10008.1.2.4.51",
        "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.70",
    ),
    "image/jls": ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"),
    "image/jp2": ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"),
    "image/jpx": ("1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.93"),
    "image/jphc": ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"),
    "image/jxl": ("1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112"),
}
_MEDIA_TYPE_OF = {syntax: media_type for media_type, syntaxes in _MEDIA_TYPES.items() for syntax in syntaxes}


def retrieve_frames(request: HttpRequest, *, study: str, series: str, instance: str, frames: str) -> HttpResponseBase:
    """Send frames of an instance in the order they are asked for, counted from 1.

    Without an accepted transfer syntax they are decoded, little endian (PS3.18 8.7.3.5.2); with ``transfer-syntax=*``
    they are as stored.
    """
    access = read_series(request, study=study, series=series)
    found = access.instance(instance)
    numbers = _numbers(frames)
    choice = accept.choose(accept.ranges_of(request), _offers(found.transfer_syntax_uid, is_single=len(numbers) == 1))
    outgoing = _parts(found, numbers, choice)
    access.session.count(len(numbers))
    first = outgoing[0]
    if choice.offer.is_multipart:
        boundary = parts.new_boundary()
        content_type = parts.content_type_of(choice.offer.media_type, boundary, _syntax(found, choice))
        size, blocks = parts.size_of(outgoing, boundary), parts.write(outgoing, boundary)
    else:
        content_type, size, blocks = first.content_type, first.size, iter(first.blocks)
    if size <= _WHOLE_BYTES:
        return HttpResponse(b"".join(blocks), content_type=content_type)
    return streams.stream(blocks, actor=access.reached.actor, content_type=content_type, size=size)


def _numbers(text: str) -> list[int]:
    numbers = [int(number) for number in text.split(",")]
    if len(numbers) > _MAX_FRAMES or not all(numbers):
        raise InvalidInputError("Frames are counted from 1; at most {limit} at a time.", limit=_MAX_FRAMES)
    return numbers


@lru_cache(maxsize=256)
def _offers(syntax: str, *, is_single: bool) -> tuple[Offer, ...]:
    """Return what a stored frame can be given as; the first is for those who do not mind."""
    decoded = (EXPLICIT_VR_LITTLE_ENDIAN,) if pixels.can_decode(syntax) else ()
    offers = [Offer(accept.OCTETS, is_multipart=True, transfer_syntaxes=tuple(dict.fromkeys((*decoded, syntax))))]
    media_type = _MEDIA_TYPE_OF.get(syntax)
    if media_type is not None:
        offers.append(Offer(media_type, is_multipart=True, transfer_syntaxes=(syntax,)))
    if is_single:
        offers += [Offer(offer.media_type, transfer_syntaxes=offer.transfer_syntaxes) for offer in list(offers)]
    return tuple(offers)


def _is_as_stored(instance: InstanceRef, choice: Choice) -> bool:
    stored_as = instance.transfer_syntax_uid
    if choice.transfer_syntax in {accept.ANY, stored_as}:
        return True
    # The pixels of native little endian syntaxes are the same bytes.
    syntax = TRANSFER_SYNTAXES[stored_as]
    return syntax.is_little and not syntax.is_encapsulated


def _syntax(instance: InstanceRef, choice: Choice) -> str:
    """Return the transfer syntax to name: native little endian pixels are those of Explicit VR Little Endian."""
    syntax = TRANSFER_SYNTAXES[instance.transfer_syntax_uid]
    is_native_little = syntax.is_little and not syntax.is_encapsulated
    return syntax.uid if _is_as_stored(instance, choice) and not is_native_little else EXPLICIT_VR_LITTLE_ENDIAN


def _parts(instance: InstanceRef, numbers: list[int], choice: Choice) -> list[OutgoingPart]:
    content_type = f"{choice.offer.media_type}; transfer-syntax={_syntax(instance, choice)}"
    if _is_as_stored(instance, choice):
        return [
            OutgoingPart(content_type, stored.frame_size(instance, number), stored.frame_blocks(instance, number))
            for number in numbers
        ]
    header = headers.unseal(instance)
    size = pixels.decoded_size(header)
    for number in numbers:
        # Numbers that do not exist are refused before anything is sent.
        stored.frame_size(instance, number)
    return [OutgoingPart(content_type, size, pixels.decoded(instance, header, number)) for number in numbers]
