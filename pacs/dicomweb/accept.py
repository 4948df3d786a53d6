"""The Accept header (RFC 9110 12.5.1, PS3.18 8.3.3 and 8.7): which representation a client takes."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.http import HttpRequest

from pacs.dicomweb.errors import CannotTranscodeError, NotAcceptableError

ANY = "*"
JSON = "application/dicom+json"
PLAIN_JSON = "application/json"
XML = "application/dicom+xml"
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
    obstacle
        Of what is made on demand: says why it cannot be made in a transfer syntax; empty where it can.
    """

    media_type: str
    is_multipart: bool = False
    transfer_syntaxes: tuple[str, ...] = ()
    is_literal: bool = False
    obstacle: Callable[[str], str] | None = field(default=None, compare=False, repr=False)


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
    """Choose the representation that the client likes best, among equals what it names first and what is offered first.

    How much it likes one is what the most specific of its ranges says (RFC 9110 12.5.1).

    Raises
    ------
    NotAcceptableError
        When none fits (PS3.18 8.7.8).
    CannotTranscodeError
        When one fits, but cannot be made of these instances.
    """
    reason = ""
    for choice in _by_quality(ranges, offers):
        obstacle = choice.offer.obstacle
        reason = obstacle(choice.transfer_syntax) if obstacle else ""
        if not reason:
            return choice
    if reason:
        raise CannotTranscodeError(reason)
    raise NotAcceptableError("Offered here: {offers}.", offers=", ".join(dict.fromkeys(_name(o) for o in offers)))


def _by_quality(ranges: Sequence[MediaRange], offers: Sequence[Offer]) -> Iterator[Choice]:
    found = (_match(wanted, offer) for wanted in ranges if wanted.quality for offer in offers)
    choices = (choice for choice in found if choice is not None)
    if len(ranges) == 1:
        yield from choices
        return
    liked = [(_quality_of(choice, ranges), choice) for choice in choices]
    yield from (choice for quality, choice in sorted(liked, key=lambda pair: -pair[0]) if quality)


def _quality_of(choice: Choice, ranges: Sequence[MediaRange]) -> float:
    covering = (wanted for wanted in ranges if _fits(wanted, choice.offer) and _covers_syntax(wanted, choice))
    return max(covering, key=_specificity).quality


def _covers_syntax(wanted: MediaRange, choice: Choice) -> bool:
    return wanted.transfer_syntax in {"", ANY, choice.transfer_syntax}


def _specificity(wanted: MediaRange) -> tuple[bool, bool, bool, bool]:
    """Order ranges: those of a transfer syntax, of a type of parts, of one type, of a family of types, of all."""
    return (
        wanted.transfer_syntax not in {"", ANY},
        bool(wanted.part_type),
        not wanted.media_type.endswith("*"),
        wanted.media_type != "*/*",
    )


def _name(offer: Offer) -> str:
    return f'{RELATED}; type="{offer.media_type}"' if offer.is_multipart else offer.media_type


def _match(wanted: MediaRange, offer: Offer) -> Choice | None:
    if not _fits(wanted, offer):
        return None
    syntax = wanted.transfer_syntax
    if not syntax:
        return Choice(offer, offer.transfer_syntaxes[0] if offer.transfer_syntaxes else "")
    if syntax == ANY:
        return Choice(offer, offer.transfer_syntaxes[0] if offer.obstacle else ANY)
    return Choice(offer, syntax) if syntax in offer.transfer_syntaxes else None


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
