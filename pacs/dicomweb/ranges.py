"""One range of an answer (RFC 9110 14): a download that broke off goes on where it ended (PS3.18 8.4.1)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from common.actor import Actor
from pacs.dicomweb import streams
from pacs.dicomweb.errors import RangeError

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Whole:
    """A representation of which parts can be had.

    Attributes
    ----------
    content_type
        Its media type.
    size
        In bytes.
    blocks
        Gives the bytes from an offset, so many.
    entity_tag
        Changes whenever the bytes do, in quotes; what ``If-Range`` and ``If-None-Match`` compare.
    """

    content_type: str
    size: int
    blocks: Callable[[int, int], Iterable[bytes]]
    entity_tag: str


def matches(request: HttpRequest, entity_tag: str) -> bool:
    """Tell whether the client has this representation (RFC 9110 13.1.2)."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or entity_tag in {tag.strip().removeprefix("W/") for tag in known.split(",")}


def not_modified(entity_tag: str) -> HttpResponse:
    """Return the answer to a client that has it already."""
    return HttpResponse(status=304, headers={"ETag": entity_tag})


def send(request: HttpRequest, whole: Whole, *, actor: Actor) -> HttpResponseBase:
    """Send a representation, or the range of it that is asked for.

    Several ranges, and what is no range, are answered by the whole, as RFC 9110 14.2 allows.

    Raises
    ------
    RangeError
        When the range begins behind the last byte.
    """
    if matches(request, whole.entity_tag):
        return not_modified(whole.entity_tag)
    place = _place(request, whole)
    offset, length = place or (0, whole.size)
    response = streams.stream(whole.blocks(offset, length), actor=actor, content_type=whole.content_type, size=length)
    response["ETag"], response["Accept-Ranges"] = whole.entity_tag, "bytes"
    if place is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {offset}-{offset + length - 1}/{whole.size}"
    return response


def _place(request: HttpRequest, whole: Whole) -> tuple[int, int] | None:
    """Return offset and length of the range; None for all of it."""
    match = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if (
        match is None
        or match[1] == match[2] == ""
        or request.headers.get("If-Range", whole.entity_tag) != whole.entity_tag
    ):
        return None
    if not match[1]:
        length = min(int(match[2]), whole.size)
        offset = whole.size - length
    else:
        offset = int(match[1])
        last = min(int(match[2]), whole.size - 1) if match[2] else whole.size - 1
        if match[2] and int(match[2]) < offset:
            return None
        length = last - offset + 1
    if length <= 0:
        raise RangeError("It has {size} bytes.", size=whole.size)
    return offset, length
