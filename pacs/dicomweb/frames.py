"""WADO-RS frames (PS3.18 10.4.1.1.6 and 8.7.3.3.2): the hot path of every viewer."""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from common.errors import InvalidInputError
from pacs import headers
from pacs.dicom.lossless import LOSSLESS
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, TRANSFER_SYNTAXES
from pacs.dicomweb import accept, compressing, encodings, parts, pixels, stored, streams
from pacs.dicomweb.accept import Choice, MediaRange, Offer
from pacs.dicomweb.access import SeriesAccess, read_series
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
# What frames are compressed to for those who name it; the first of a media type is its default.
_MADE = {
    media_type: made
    for media_type, syntaxes in _MEDIA_TYPES.items()
    if (made := tuple(syntax for syntax in syntaxes if syntax in LOSSLESS))
}


def retrieve_frames(request: HttpRequest, *, study: str, series: str, instance: str, frames: str) -> HttpResponseBase:
    """Send frames of an instance in the order they are asked for, counted from 1.

    Without an accepted transfer syntax they are decoded, little endian (PS3.18 8.7.3.5.2); with ``transfer-syntax=*``
    they are as stored. Those who name HTJ2K or JPEG-LS get them compressed without loss.
    """
    access = read_series(request, study=study, series=series)
    found = access.instance(instance)
    numbers = _numbers(frames)
    choice = _choose(request, found, is_single=len(numbers) == 1)
    if choice.offer.obstacle is not None and choice.transfer_syntax != found.transfer_syntax_uid:
        return _send_compressed(access, found, numbers, choice)
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


def _choose(request: HttpRequest, instance: InstanceRef, *, is_single: bool) -> Choice:
    ranges = accept.ranges_of(request)
    offers = _offers(instance.transfer_syntax_uid, is_single=is_single)
    return accept.choose(ranges, (*offers, *_made(instance, is_single=is_single)) if _name_images(ranges) else offers)


def _name_images(ranges: Sequence[MediaRange]) -> bool:
    return any("image/" in found.media_type or "image/" in found.part_type for found in ranges)


def _made(instance: InstanceRef, *, is_single: bool) -> Iterator[Offer]:
    """Yield what frames can be compressed to."""
    for media_type, syntaxes in _MADE.items():
        for is_multipart in (True, False) if is_single else (True,):
            yield Offer(media_type, is_multipart, syntaxes, obstacle=partial(encodings.obstacle, instance))


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


def _send_compressed(
    access: SeriesAccess, instance: InstanceRef, numbers: list[int], choice: Choice
) -> HttpResponseBase:
    """Send frames that are compressed when their turn comes: how large the answer will be is not known."""
    for number in numbers:
        # Numbers that do not exist are refused before anything is sent.
        stored.frame_size(instance, number)
    access.session.count(len(numbers))
    header = headers.unseal(instance)
    content_type = f"{choice.offer.media_type}; transfer-syntax={choice.transfer_syntax}"
    frames = (compressing.compressed(instance, header, number, choice.transfer_syntax)[0] for number in numbers)
    if not choice.offer.is_multipart:
        return HttpResponse(next(frames), content_type=content_type)
    boundary = parts.new_boundary()
    outgoing = (OutgoingPart(content_type, len(frame), [frame]) for frame in frames)
    return streams.stream(
        parts.write_one_by_one(outgoing, boundary),
        actor=access.reached.actor,
        content_type=parts.content_type_of(choice.offer.media_type, boundary, choice.transfer_syntax),
    )


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
