"""Choosing a representation by the Accept header."""

import pytest

from pacs.dicomweb import accept
from pacs.dicomweb.accept import Choice, Offer, choose, parse
from pacs.dicomweb.errors import NotAcceptableError

LITTLE, JPEG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"
PARTS = Offer(accept.OCTETS, is_multipart=True, transfer_syntaxes=(LITTLE, JPEG))
PICTURES = Offer("image/jpeg", is_multipart=True, transfer_syntaxes=(JPEG,))
SINGLE = Offer(accept.OCTETS, transfer_syntaxes=(LITTLE, JPEG))
ARCHIVE = Offer(accept.ZIP, is_literal=True)
OFFERS = (PARTS, PICTURES, SINGLE, ARCHIVE)


@pytest.mark.parametrize(
    ("header", "choice"),
    [
        ("*/*", Choice(PARTS, LITTLE)),
        ("multipart/related", Choice(PARTS, LITTLE)),
        ('multipart/related; type="application/octet-stream"', Choice(PARTS, LITTLE)),
        ('multipart/related; type="application/octet-stream"; transfer-syntax=*', Choice(PARTS, "*")),
        ("multipart/related; type=application/octet-stream; transfer-syntax=*", Choice(PARTS, "*")),
        (f"multipart/related;type=application/octet-stream;transfer-syntax={JPEG}", Choice(PARTS, JPEG)),
        ("multipart/related; type=image/jpeg", Choice(PICTURES, JPEG)),
        ('multipart/related; type="image/*"', Choice(PICTURES, JPEG)),
        (f"application/octet-stream; transfer-syntax={LITTLE}", Choice(SINGLE, LITTLE)),
        ("application/octet-stream", Choice(SINGLE, LITTLE)),
        ("application/zip", Choice(ARCHIVE, "")),
        ("text/html, application/zip;q=0.5", Choice(ARCHIVE, "")),
        ("application/zip;q=0.5, application/octet-stream", Choice(SINGLE, LITTLE)),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Choice(PARTS, LITTLE)),
        ('multipart/related; type="application/octet-stream; x, y", */*;q=0.1', Choice(PARTS, LITTLE)),
    ],
)
def test_the_best_offer_that_fits_is_chosen(header: str, choice: Choice) -> None:
    assert choose(parse(header), OFFERS) == choice


@pytest.mark.parametrize(
    "header",
    [
        "text/html",
        "image/png",
        "multipart/related; type=text/xml",
        "application/octet-stream; transfer-syntax=1.2.3",
        "application/zip;q=0",
        "application/zip;q=nonsense",
        ";;;,,,",
    ],
)
def test_what_is_not_offered_is_not_acceptable(header: str) -> None:
    with pytest.raises(NotAcceptableError, match="Offered here: multipart/related"):
        choose(parse(header), OFFERS)


def test_an_endless_header_is_refused() -> None:
    with pytest.raises(NotAcceptableError):
        parse("a/b," * 5000)
