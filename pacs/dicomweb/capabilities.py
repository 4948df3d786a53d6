"""What the services can do, told to those who ask by OPTIONS (PS3.18 8.9).

The description is in WADL, made of the addresses. It is the same for everybody; what somebody may do is another matter.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final
from xml.sax.saxutils import quoteattr

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from pacs.dicomweb import accept, addresses
from pacs.dicomweb.accept import Offer

MEDIA_TYPE: Final = "application/vnd.sun.wadl+xml"
_OFFERS: Final = (Offer(MEDIA_TYPE), Offer("application/xml"), Offer("text/xml"))
_NAMESPACE: Final = "http://wadl.dev.java.net/2009/02"

_PARTS: Final = 'multipart/related; type="{}"'
_RENDERED: Final = ("image/jpeg", "image/gif", "image/png")
_SEARCHED: Final = (accept.JSON, accept.PLAIN_JSON, _PARTS.format(accept.XML))
_STORED: Final = (accept.JSON, accept.PLAIN_JSON, accept.XML)
_PAGING: Final = ("limit", "offset", "fuzzymatching", "includefield")
# By the last literal of an address: what a GET of it gives, and which parameters it takes.
_GIVEN: Final[Mapping[str, tuple[str, ...]]] = {
    "bulkdata": (_PARTS.format(accept.OCTETS), accept.OCTETS),
    "frames": (
        *(_PARTS.format(accept.OCTETS), accept.OCTETS),
        *(representation for made in ("image/jphc", "image/jls") for representation in (_PARTS.format(made), made)),
    ),
    "instance": (_PARTS.format(accept.DICOM), accept.DICOM),
    "instances": _SEARCHED,
    "metadata": _SEARCHED,
    "rendered": (*_RENDERED, *map(_PARTS.format, _RENDERED)),
    "series": _SEARCHED,
    "studies": _SEARCHED,
    "study": (_PARTS.format(accept.DICOM), accept.ZIP),
    "thumbnail": ("image/jpeg",),
    "whole": (_PARTS.format(accept.DICOM),),
}
_QUERY: Final[Mapping[str, tuple[str, ...]]] = {
    "instances": _PAGING,
    "rendered": ("window", "viewport", "quality"),
    "series": _PAGING,
    "studies": _PAGING,
}
_TAKEN: Final = tuple(map(_PARTS.format, (accept.DICOM, accept.JSON, accept.XML)))
_ROOTS: Final = ("studies", "series", "instances")
_SEGMENT: Final = re.compile(r"<(?:\w+:)?(\w+)>")


def retrieve_capabilities(request: HttpRequest, *, patterns: Sequence[URLPattern]) -> HttpResponse:
    """Send the description.

    Parameters
    ----------
    patterns
        The addresses of the services.
    """
    choice = accept.choose(accept.ranges_of(request), _OFFERS)
    paths = [(str(pattern.pattern), methods_of(pattern)) for pattern in patterns]
    found = tuple((path, methods) for path, methods in paths if path.startswith(_ROOTS))
    text = _describe(f"{addresses.root_of(request)}/", found)
    return HttpResponse(text, content_type=choice.offer.media_type, headers={"Allow": "OPTIONS"})


def methods_of(pattern: URLPattern) -> tuple[str, ...]:
    """Return the methods that an address knows."""
    methods: tuple[str, ...] = pattern.callback.methods  # type: ignore[attr-defined]  # set by `endpoint`
    return methods


@lru_cache(maxsize=8)
def _describe(base: str, found: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    resources = "".join(_resource(path, methods) for path, methods in found)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<application xmlns="{_NAMESPACE}">'
        f"<resources base={quoteattr(base)}>{resources}</resources></application>\n"
    )


def _resource(path: str, methods: tuple[str, ...]) -> str:
    template = _SEGMENT.sub(r"{\1}", path)
    names = _SEGMENT.findall(path)
    parameters = "".join(f'<param name={quoteattr(name)} style="template" required="true"/>' for name in names)
    inner = "".join(_method(path, method) for method in methods)
    return f"<resource path={quoteattr(template)}>{parameters}{inner}</resource>"


def _method(path: str, method: str) -> str:
    if method == "POST":
        taken = "".join(f"<representation mediaType={quoteattr(media_type)}/>" for media_type in _TAKEN)
        answer = "".join(f"<representation mediaType={quoteattr(media_type)}/>" for media_type in _STORED)
        return f'<method name="POST"><request>{taken}</request><response>{answer}</response></method>'
    if method != "GET":
        return f'<method name={quoteattr(method)}><response status="204"/></method>'
    kind = kind_of(path)
    query = "".join(f'<param name={quoteattr(name)} style="query"/>' for name in _QUERY.get(kind, ()))
    given = "".join(f"<representation mediaType={quoteattr(media_type)}/>" for media_type in _GIVEN[kind])
    return (
        f'<method name="GET"><request><param name="Accept" style="header"/>{query}</request>'
        f"<response>{given}</response></method>"
    )


def kind_of(path: str) -> str:
    """Return what an address is of: its last word, or what the object is that it ends with."""
    last = path.rsplit("/", 1)[-1]
    if not last.startswith("<"):
        return last
    name = _SEGMENT.sub(r"\1", last)
    return {"study": "study", "series": "whole", "instance": "instance", "frames": "frames", "path": "bulkdata"}[name]
