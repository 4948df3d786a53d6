"""Addresses of the DICOMweb services (PS3.18 10.1), below ``/dicom-web/``."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path, register_converter

from pacs.dicomweb import bulkdata, frames, metadata, qido, rendered, retrieve, stow
from pacs.dicomweb.capabilities import retrieve_capabilities
from pacs.dicomweb.deletion import delete
from pacs.dicomweb.endpoint import absent, endpoint


class UidConverter:
    """A UID in an address (PS3.5 9.1)."""

    regex = "[0-9.]{1,64}"

    def to_python(self, value: str) -> str:
        """Return the UID."""
        return value

    def to_url(self, value: str) -> str:
        """Return the UID."""
        return value


class FramesConverter(UidConverter):
    """Frame numbers between commas (PS3.18 10.1.7)."""

    regex = r"\d{1,9}(?:,\d{1,9})*"


class TagPathConverter(UidConverter):
    """The path of an attribute: tags, and the numbers of items between them."""

    regex = "[0-9A-Fa-f]{8}(?:/[0-9]{1,5}/[0-9A-Fa-f]{8})*"


register_converter(UidConverter, "uid")
register_converter(FramesConverter, "frames")
register_converter(TagPathConverter, "tags")

_STUDY = "studies/<uid:study>"
_SERIES = f"{_STUDY}/series/<uid:series>"
_INSTANCE = f"{_SERIES}/instances/<uid:instance>"
_FRAMES = f"{_INSTANCE}/frames/<frames:frames>"

_search_series = endpoint(GET=qido.search_series)
_search_instances = endpoint(GET=qido.search_instances)
_metadata = endpoint(GET=metadata.retrieve_metadata)
_rendered = endpoint(GET=rendered.retrieve_rendered)
_all_rendered = endpoint(GET=rendered.retrieve_all_rendered)
_all_bulkdata = endpoint(GET=bulkdata.retrieve_all_bulkdata)
_thumbnail = endpoint(GET=rendered.retrieve_thumbnail)


def _capabilities(request: HttpRequest) -> HttpResponse:
    return retrieve_capabilities(request, patterns=urlpatterns)


urlpatterns: list[URLPattern] = [
    # The order of how often they are asked for.
    path(_FRAMES, endpoint(GET=frames.retrieve_frames)),
    path("studies", endpoint(GET=qido.search_studies, POST=stow.store)),
    path("series", _search_series),
    path("instances", _search_instances),
    path(_STUDY, endpoint(GET=retrieve.retrieve_study, POST=stow.store, DELETE=delete)),
    path(f"{_STUDY}/series", _search_series),
    path(f"{_STUDY}/instances", _search_instances),
    path(f"{_STUDY}/metadata", _metadata),
    path(f"{_STUDY}/rendered", _all_rendered),
    path(f"{_STUDY}/bulkdata", _all_bulkdata),
    path(f"{_STUDY}/thumbnail", _thumbnail),
    path(_SERIES, endpoint(GET=retrieve.retrieve_series)),
    path(f"{_SERIES}/instances", _search_instances),
    path(f"{_SERIES}/metadata", _metadata),
    path(f"{_SERIES}/rendered", _all_rendered),
    path(f"{_SERIES}/bulkdata", _all_bulkdata),
    path(f"{_SERIES}/thumbnail", _thumbnail),
    path(_INSTANCE, endpoint(GET=retrieve.retrieve_instance)),
    path(f"{_INSTANCE}/metadata", _metadata),
    path(f"{_INSTANCE}/rendered", _rendered),
    path(f"{_INSTANCE}/thumbnail", _thumbnail),
    path(f"{_INSTANCE}/bulkdata", _all_bulkdata),
    path(f"{_INSTANCE}/bulkdata/<tags:path>", endpoint(GET=bulkdata.retrieve_bulkdata)),
    path(f"{_FRAMES}/rendered", _rendered),
    path(f"{_FRAMES}/thumbnail", _thumbnail),
    # What the services can do (PS3.18 8.9).
    path("", endpoint(OPTIONS=_capabilities, GET=absent, POST=absent)),
    path("capabilities", endpoint(GET=_capabilities)),
    re_path("", endpoint(GET=absent, POST=absent, PUT=absent, PATCH=absent, DELETE=absent)),
]
