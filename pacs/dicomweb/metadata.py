"""WADO-RS metadata: the headers of instances as DICOM JSON (PS3.18 10.4.1.1.4 and F), or as XML (PS3.19 A.1).

A series that is prepared lies in the store as the very bytes to send. Bulk values are named by the path of their
address, which holds for studies, series and instances alike.
"""

import hashlib
import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from isal import isal_zlib

from common.scope import brief_scope
from pacs import gate, headers, leaving, selectors
from pacs.dicom.xml_model import write_xml
from pacs.dicomweb import accept, addresses, parts, streams
from pacs.dicomweb.parts import OutgoingPart
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached
from pacs.models import Series
from pacs.selectors import InstanceRef
from vault import selectors as vault
from vault.selectors import BlobRef

Header = dict[str, Any]

_OFFERS = (accept.Offer(accept.JSON), accept.Offer(accept.PLAIN_JSON), accept.Offer(accept.XML, is_multipart=True))
_GZIP = 16 + zlib.MAX_WBITS
# A quotation mark inside a text is escaped in JSON, so that this is always the member of an attribute.
_MARKER = b'"BulkDataURI":"bulkdata/'
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Prepared:
    """A series whose answer lies in the store, compressed."""

    blob: BlobRef

    def headers(self) -> Iterator[Header]:
        """Yield the DICOM JSON model of each instance."""
        yield from orjson.loads(b"[" + b"".join(self.blocks()) + b"]")

    def blocks(self) -> Iterator[bytes]:
        """Yield the array's JSON, without its brackets."""
        inflate = zlib.decompressobj(_GZIP)
        text = b"".join(inflate.decompress(block) for block in vault.open_blob(self.blob).stream(block=streams.BLOCK))
        yield text[1:-1]


@dataclass(frozen=True, slots=True)
class Built:
    """Instances whose answer is made of their headers."""

    study_uid: str
    instances: tuple[InstanceRef, ...]

    def headers(self) -> Iterator[Header]:
        """Yield the DICOM JSON model of each instance."""
        return (orjson.loads(published(self.study_uid, instance)) for instance in self.instances)

    def blocks(self) -> Iterator[bytes]:
        """Yield the array's JSON, without its brackets."""
        for begin in range(0, len(self.instances), _BATCH):
            batch = self.instances[begin : begin + _BATCH]
            yield (b"," if begin else b"") + b",".join(published(self.study_uid, instance) for instance in batch)


def published(study_uid: str, instance: InstanceRef) -> bytes:
    """Return the DICOM JSON of an instance as clients get it: each bulk value with its address (PS3.18 F.2.6)."""
    text = headers.unseal_instance_json(instance)
    address = addresses.instance_url(addresses.ROOT, study_uid, instance.series_instance_uid, instance.sop_instance_uid)
    return text.replace(_MARKER, b'"BulkDataURI":"' + address.encode("ascii") + b"/bulkdata/")


def write_array(study_uid: str, instances: Sequence[InstanceRef]) -> bytes:
    """Return the metadata of a series as a whole: what is prepared in the store, before it is compressed."""
    return b"[" + b"".join(Built(study_uid, tuple(instances)).blocks()) + b"]"


def xml_parts(found: Iterable[Header]) -> Iterator[OutgoingPart]:
    """Yield each data set as a part of its own (PS3.18 8.7.3.2)."""
    for attributes in found:
        document = write_xml(attributes)
        yield OutgoingPart(accept.XML, len(document), [document])


def retrieve_metadata(
    request: HttpRequest, *, study: str, series: str | None = None, instance: str | None = None
) -> HttpResponseBase:
    """Send the headers of a study, a series or an instance."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.view")
    choice = accept.choose(accept.ranges_of(request), _OFFERS)
    with brief_scope(reached.actor.tenant_id):
        sources = _sources(reached, series, instance)
        leaving.open_access(reached, "view")
    if choice.offer.media_type == accept.XML:
        return _in_parts(reached, sources)
    tag = _entity_tag(sources)
    if tag and request.headers.get("If-None-Match", "") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = _answer(request, reached, sources, choice.offer.media_type, is_whole_series=series is not None)
    response["Vary"] = "Accept, Accept-Encoding"
    if tag:
        response["ETag"] = tag
    return response


def _sources(reached: Reached, series: str | None, instance: str | None) -> list[Prepared | Built]:
    study_id = reached.study.id
    if instance is not None and series is not None:
        found = selectors.get_instance(study_id=study_id, series_instance_uid=series, sop_instance_uid=instance)
        return [Built(reached.study.study_instance_uid, (found,))]
    if series is not None:
        return [_source(reached, selectors.find_series(study_id=study_id, series_instance_uid=series))]
    return [_source(reached, row) for row in selectors.list_series(study_id=study_id)]


def _source(reached: Reached, series: Series) -> Prepared | Built:
    if series.metadata_blob_id is not None and series.prepared_instances == series.number_of_instances:
        blob = vault.blob_refs([series.metadata_blob_id]).get(series.metadata_blob_id)
        if blob is not None:
            return Prepared(blob)
    found = selectors.list_instances(study_id=series.study_id, series_instance_uid=series.series_instance_uid)
    if not found:
        raise StudyNotFoundError()
    return Built(reached.study.study_instance_uid, tuple(found))


def _in_parts(reached: Reached, sources: Sequence[Prepared | Built]) -> HttpResponseBase:
    """Send one document of the Native DICOM Model for each instance."""
    boundary = parts.new_boundary()
    response = streams.stream(
        parts.write_one_by_one(xml_parts(header for source in sources for header in source.headers()), boundary),
        actor=reached.actor,
        content_type=parts.content_type_of(accept.XML, boundary),
    )
    response["Vary"] = "Accept"
    return response


def _entity_tag(sources: Sequence[Prepared | Built]) -> str:
    """Return what changes whenever the answer does; empty while something is not prepared."""
    digest = hashlib.sha256()
    for source in sources:
        if isinstance(source, Built):
            return ""
        digest.update(source.blob.id.bytes)
    return f'"{digest.hexdigest()[:32]}"'


def _answer(
    request: HttpRequest,
    reached: Reached,
    sources: Sequence[Prepared | Built],
    media_type: str,
    *,
    is_whole_series: bool,
) -> HttpResponseBase:
    is_gzip = _takes_gzip(request)
    first = sources[0]
    blocks: Iterable[bytes]
    size = None
    if is_gzip and is_whole_series and isinstance(first, Prepared):
        blocks, size = vault.open_blob(first.blob).stream(block=streams.BLOCK), first.blob.plain_size
    else:
        blocks = _array(source.blocks for source in sources)
        blocks = _compressed(blocks) if is_gzip else blocks
    response = streams.stream(blocks, actor=reached.actor, content_type=media_type, size=size)
    if is_gzip:
        response["Content-Encoding"] = "gzip"
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    """Say whether a client names gzip among the codings it takes (RFC 9110 12.5.3)."""
    codings = accept.parse(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    return any(coding.media_type == "gzip" and coding.quality for coding in codings)


def _array(members: Iterable[Callable[[], Iterator[bytes]]]) -> Iterator[bytes]:
    yield b"["
    for number, blocks in enumerate(members):
        yield from itertools.chain([b","] if number else [], blocks())
    yield b"]"


def _compressed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = isal_zlib.compressobj(level=1, wbits=_GZIP)
    for block in blocks:
        if piece := squeeze.compress(block):
            yield piece
    yield squeeze.flush()
