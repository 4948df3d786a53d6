"""QIDO-RS: searching for studies, series and instances (PS3.18 10.6)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import F, OrderBy, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.errors import ForbiddenError
from common.scope import brief_scope
from pacs import gate, headers, leaving, selectors
from pacs.dicom.dictionary import tag_of
from pacs.dicomweb import accept, addresses, parts
from pacs.dicomweb.attributes import COLUMNS, Column, Level, add_to, source_of
from pacs.dicomweb.metadata import xml_parts
from pacs.dicomweb.query import MAX_RESULTS, Query, parse, path_to
from pacs.models import Instance, Series

Item = dict[str, Any]
Row = dict[str, Any]

_OFFERS = (accept.Offer(accept.JSON), accept.Offer(accept.PLAIN_JSON), accept.Offer(accept.XML, is_multipart=True))
_RETRIEVE_URL = tag_of("RetrieveURL")
_AVAILABILITY = {tag_of("InstanceAvailability"): {"vr": "CS", "Value": ["ONLINE"]}}
_BITS_ALLOCATED = tag_of("BitsAllocated")
_ALWAYS_READ = {
    Level.STUDY: {"id"},
    Level.SERIES: {"study_id"},
    Level.INSTANCE: {"study_id", "tenant_id", "header", "study__key_id", "study__overlay"},
}


def search_studies(request: HttpRequest) -> HttpResponse:
    """Search for studies (``/studies``)."""
    return _search(request, Level.STUDY)


def search_series(request: HttpRequest, *, study: str | None = None) -> HttpResponse:
    """Search for series, of one study or of all (``/series``, ``/studies/{study}/series``)."""
    return _search(request, Level.SERIES, study)


def search_instances(request: HttpRequest, *, study: str | None = None, series: str | None = None) -> HttpResponse:
    """Search for instances of all studies, one study or one series."""
    return _search(request, Level.INSTANCE, study, series)


def _search(request: HttpRequest, level: Level, study: str | None = None, series: str | None = None) -> HttpResponse:
    searchers = _searchers(request, study)
    choice = accept.choose(accept.ranges_of(request), _OFFERS)
    is_alone = len(searchers) == 1
    answers = [_of_actor(request, actor, level, study_id, series, is_alone=is_alone) for actor, study_id in searchers]
    query = answers[0][0]
    found = [item for _, items in answers for item in items]
    if not is_alone:
        found = found[query.offset : query.offset + query.limit + 1]
    response = _answer(found[: query.limit], choice.offer.media_type)
    _warn(response, query, has_more=len(found) > query.limit)
    _link(response, request, query, has_more=len(found) > query.limit)
    return response


def _answer(found: Sequence[Item], media_type: str) -> HttpResponse:
    """Give results as JSON, or as XML: each in a part, and where there are none, no body (PS3.18 10.6.3)."""
    if media_type != accept.XML:
        return HttpResponse(orjson.dumps(found), content_type=media_type)
    if not found:
        return HttpResponse(status=204)
    boundary = parts.new_boundary()
    body = b"".join(parts.write_one_by_one(xml_parts(found), boundary))
    return HttpResponse(body, content_type=parts.content_type_of(accept.XML, boundary))


def _searchers(request: HttpRequest, study: str | None) -> list[tuple[Actor, UUID | None]]:
    """Return who searches, and in which study: a member of the tenant, else every link of a guest together."""
    if study is not None:
        reached = gate.find_study(request, study_instance_uid=study, action="study.list")
        return [(reached.actor, reached.study.id)]
    actors = gate.actors_of(request)
    if any(actor.grant is None for actor in actors):
        return [(gate.member(request, "study.list"), None)]
    allowed = [actor for actor in actors if access.allows(actor, "study.list")]
    if not allowed:
        raise ForbiddenError()
    return [(actor, None) for actor in allowed]


def _of_actor(
    request: HttpRequest,
    actor: Actor,
    level: Level,
    study_id: UUID | None,
    series: str | None,
    *,
    is_alone: bool,
) -> tuple[Query, list[Item]]:
    """Search as one actor; one row more than asked for tells that there are more."""
    with brief_scope(actor.tenant_id):
        # Inside the scope: a condition on names looks into the tenant's index of them.
        query = parse(request.GET, level)
        if study_id is not None and series is not None:
            selectors.find_series(study_id=study_id, series_instance_uid=series)
        begin, end = (query.offset, query.offset + query.limit + 1) if is_alone else (0, MAX_RESULTS)
        rows = list(_rows(actor, query, study_id, series)[begin:end])
        _record(actor, level, rows, study_id)
        return query, _items(query, rows, addresses.root_of(request))


def _rows(actor: Actor, query: Query, study_id: UUID | None, series: str | None) -> "QuerySet[Any, Row]":
    found: QuerySet[Any]
    if query.level is Level.STUDY:
        found = selectors.visible_studies(actor)
    else:
        found = (Series if query.level is Level.SERIES else Instance).objects.filter(_within(actor, study_id))
    if series is not None:
        found = found.filter(series__series_instance_uid=series)
    return found.filter(query.condition).order_by(*_order(query)).values(*_fields(query))


def _within(actor: Actor, study_id: UUID | None) -> Q:
    return Q(study_id=study_id) if study_id is not None else Q(study__in=selectors.visible_studies(actor))


def _order(query: Query) -> Sequence[str | OrderBy]:
    """Return an order that an index of the level has: newest study first, a name's range by name."""
    if query.level is Level.STUDY:
        by_name = tag_of("PatientName") in query.keys and not query.is_fuzzy
        return ("patient_name_folded", "id") if by_name else ("-study_date", "-id")
    if query.level is Level.SERIES:
        return ("study_id", F("series_number").asc(nulls_last=True), "id")
    return ("series_id", F("instance_number").asc(nulls_last=True), "id")


def _columns(query: Query) -> list[Column]:
    """List the columns to return: of this level, and of those above that were asked for (PS3.18 10.6.3.3)."""
    own = [column for column in COLUMNS[query.level] if not column.is_optional or query.wants(column.tag)]
    above = [
        column
        for level in Level
        if level < query.level
        for column in COLUMNS[level]
        if query.wants(column.tag) or column.keyword in {"StudyInstanceUID", "SeriesInstanceUID"}
    ]
    return above + own


def _fields(query: Query) -> list[str]:
    fields = {path_to(query.level, column.level) + source_of(column) for column in _columns(query)}
    return sorted(fields | _ALWAYS_READ[query.level])


def _items(query: Query, rows: Sequence[Row], root: str) -> list[Item]:
    columns = [(column, path_to(query.level, column.level) + source_of(column)) for column in _columns(query)]
    items = []
    for row in rows:
        item: Item = {}
        for column, field in columns:
            add_to(item, column, row[field])
        item.update(_AVAILABILITY)
        item[_RETRIEVE_URL] = {"vr": "UR", "Value": [_address(query.level, root, row)]}
        if query.level is Level.INSTANCE:
            _add_from_header(query, item, row)
        items.append(item)
    return items


def _address(level: Level, root: str, row: Row) -> str:
    if level is Level.STUDY:
        return addresses.study_url(root, row["study_instance_uid"])
    if level is Level.SERIES:
        return addresses.series_url(root, row["study__study_instance_uid"], row["series_instance_uid"])
    return addresses.instance_url(
        root, row["study__study_instance_uid"], row["series__series_instance_uid"], row["sop_instance_uid"]
    )


def _add_from_header(query: Query, item: Item, row: Row) -> None:
    """Add what an instance has in no column; what is not an image has no rows, columns, bits and frames."""
    header = orjson.loads(
        headers.unseal_json(
            tenant_id=row["tenant_id"],
            key_id=row["study__key_id"],
            sealed=bytes(row["header"]),
            overlay=row["study__overlay"],
        )
    )
    wanted = header.keys() if query.is_include_all else (query.include | {_BITS_ALLOCATED}) & header.keys()
    for tag in wanted:
        if "BulkDataURI" not in header[tag]:
            item.setdefault(tag, header[tag])
    for keyword in ("Rows", "Columns", "NumberOfFrames"):
        if item[tag_of(keyword)].get("Value", [0]) == [0]:
            del item[tag_of(keyword)]


def _record(actor: Actor, level: Level, rows: Sequence[Row], study_id: UUID | None) -> None:
    """Write who saw what, before it is sent; nothing was seen where nothing was found."""
    if study_id is None:
        seen = (row["id" if level is Level.STUDY else "study_id"] for row in rows)
        leaving.record_search(actor, level=level.name.lower(), found=len(rows), study_ids=seen)
    elif not leaving.is_nothing():
        audit.open_access(actor=actor, study_id=study_id, purpose="search")


def _link(response: HttpResponse, request: HttpRequest, query: Query, *, has_more: bool) -> None:
    """Name the addresses of the next and the previous page (RFC 8288)."""
    places = {"next": query.offset + query.limit} if has_more and query.limit else {}
    if query.offset:
        places["prev"] = max(0, query.offset - query.limit)
    links = []
    for relation, offset in places.items():
        parameters = request.GET.copy()
        parameters["limit"], parameters["offset"] = str(query.limit), str(offset)
        address = request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")
        links.append(f'<{address}>; rel="{relation}"')
    if links:
        response["Link"] = ", ".join(links)


def _warn(response: HttpResponse, query: Query, *, has_more: bool) -> None:
    """Say what the answer lacks (PS3.18 8.3.4.4 and 8.3.4.2)."""
    warnings = []
    if query.is_fuzzy and tag_of("ReferringPhysicianName") in query.keys:
        warnings.append(
            '299 Bitewing "Fuzzy matching of ReferringPhysicianName is not supported. Only literal matching has been '
            'performed."'
        )
    if has_more:
        warnings.append('299 Bitewing "There are additional results that can be requested."')
    if warnings:
        response["Warning"] = ", ".join(warnings)
