"""The Accept header (RFC 9110 12.5.1, PS3.18 8.3.3 and 8.7): which representation a client takes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.http import HttpRequest

from pacs.dicomweb.errors import NotAcceptableError

ANY = "*"
JSON = "application/dicom+json"
PLAIN_JSON = "application/json"
DICOM = "application/dicom"
OCTETS = "application/octet-stream"
ZIP = "application/zip"
RELATED = "multipart/related"

_MAX_LENGTH = 4096
# Text in quotes is one piece; `type=application/octet-stream` is often written without them.
_PIECES = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*")+')
_PARAMETERS = re.compile(r'(?:[^;"]|"(?:\\.|[^"\\])*")+')


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header.

    Attributes
    ----------
    media_type
        In lower case; ``*/*`` and ``image/*`` are ranges.
    part_type
        For multipart/related: what its parts are; empty when not said.
    transfer_syntax
        A UID, ``*``, or empty when not said (PS3.18 8.7.3.5.2).
    quality
        Between 0 (never) and 1.
    """

    media_type: str
    part_type: str = ""
    transfer_syntax: str = ""
    quality: float = 1.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A representation that a resource has.

    Attributes
    ----------
    media_type
        Of one part where `is_multipart`, else of the whole answer.
    transfer_syntaxes
        Those that it can be given in; the first unless another is asked for. Empty where none applies.
    is_literal
        Whether it is given only to those who name it: ``*/*`` does not mean it.
    """

    media_type: str
    is_multipart: bool = False
    transfer_syntaxes: tuple[str, ...] = ()
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What was agreed: an offer, and the transfer syntax to give it in (``*``: as it is stored)."""

    offer: Offer
    transfer_syntax: str = ""
    quality: float = field(default=1.0, compare=False)


def ranges_of(request: HttpRequest) -> tuple[MediaRange, ...]:
    """Read what a request accepts: its query parameter ``accept`` (PS3.18 8.3.3.1), else its header, else anything."""
    return parse(request.GET.get("accept") or request.META.get("HTTP_ACCEPT", "") or "*/*")


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[MediaRange, ...]:
    """Read an Accept header, best first; what cannot be read is left out.

    Raises
    ------
    NotAcceptableError
        When it is longer than any honest one.
    """
    if len(text) > _MAX_LENGTH:
        raise NotAcceptableError("The Accept header is too long.")
    ranges = [_range(piece) for piece in _PIECES.findall(text)]
    return tuple(sorted((found for found in ranges if found.media_type), key=lambda found: -found.quality))


def _range(piece: str) -> MediaRange:
    media_type, *rest = _PARAMETERS.findall(piece) or [""]
    parameters = {}
    for item in rest:
        name, _, value = item.partition("=")
        parameters[name.strip().lower()] = _unquote(value.strip())
    return MediaRange(
        media_type=media_type.strip().lower(),
        part_type=parameters.get("type", "").lower(),
        transfer_syntax=parameters.get("transfer-syntax", ""),
        quality=_quality(parameters.get("q", "1")),
    )


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if len(value) > 1 and value[0] == value[-1] == '"' else value


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def choose(ranges: Sequence[MediaRange], offers: Sequence[Offer]) -> Choice:
    """Choose the representation that the client likes best, among equals the one that is offered first.

    Raises
    ------
    NotAcceptableError
        When none fits (PS3.18 8.7.8).
    """
    for wanted in ranges:
        if not wanted.quality:
            continue
        for offer in offers:
            choice = _match(wanted, offer)
            if choice is not None:
                return choice
    raise NotAcceptableError("Offered here: {offers}.", offers=", ".join(dict.fromkeys(_name(o) for o in offers)))


def _name(offer: Offer) -> str:
    return f'{RELATED}; type="{offer.media_type}"' if offer.is_multipart else offer.media_type


def _match(wanted: MediaRange, offer: Offer) -> Choice | None:
    if not _fits(wanted, offer):
        return None
    syntax = wanted.transfer_syntax
    if not syntax:
        return Choice(offer, offer.transfer_syntaxes[0] if offer.transfer_syntaxes else "")
    if syntax == ANY or syntax in offer.transfer_syntaxes:
        return Choice(offer, syntax)
    return None


def _fits(wanted: MediaRange, offer: Offer) -> bool:
    if wanted.media_type == "*/*":
        return not offer.is_literal
    if not offer.is_multipart:
        return _covers(wanted.media_type, offer.media_type)
    if wanted.media_type not in {RELATED, "multipart/*"}:
        return False
    return not wanted.part_type or _covers(wanted.part_type, offer.media_type)


def _covers(wanted: str, offered: str) -> bool:
    return wanted in {offered, "*/*"} or (wanted.endswith("/*") and offered.startswith(wanted[:-1]))
