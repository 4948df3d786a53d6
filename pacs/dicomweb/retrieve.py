"""WADO-RS: studies, series and instances as they were received, or decompressed (PS3.18 10.4.1.1.1 to 10.4.1.1.3)."""

from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.scope import brief_scope
from pacs import gate, selectors
from pacs.archive import downloads
from pacs.archive.views import send_archive
from pacs.dicom.lossless import LOSSLESS
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from pacs.dicomweb import accept, addresses, encodings, parts, ranges, streams
from pacs.dicomweb.accept import Offer
from pacs.dicomweb.files import file_of
from pacs.dicomweb.parts import OutgoingPart
from pacs.dicomweb.ranges import Whole
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached
from pacs.selectors import InstanceRef


def retrieve_study(request: HttpRequest, *, study: str) -> HttpResponseBase:
    """Send every instance of a study; with ``Accept: application/zip`` as an archive."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    instances = _read(reached)
    offers = (*_offers(instances), Offer(accept.ZIP, is_literal=True))
    if accept.choose(accept.ranges_of(request), offers).offer.media_type == accept.ZIP:
        return send_archive(reached, is_deflated=request.GET.get("deflate") == "1")
    return _send(request, reached, instances)


def retrieve_series(request: HttpRequest, *, study: str, series: str) -> HttpResponseBase:
    """Send every instance of a series."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    return _send(request, reached, _read(reached, series))


def retrieve_instance(request: HttpRequest, *, study: str, series: str, instance: str) -> HttpResponseBase:
    """Send one instance, in one part or, where ``Accept: application/dicom`` asks for it, by itself."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    return _send(request, reached, _read(reached, series, instance), may_be_single=True)


def _read(reached: Reached, series: str | None = None, instance: str | None = None) -> list[InstanceRef]:
    """List what is to be sent."""
    with brief_scope(reached.actor.tenant_id):
        found = selectors.list_instances(
            study_id=reached.study.id, series_instance_uid=series, sop_instance_uid=instance
        )
        if not found:
            raise StudyNotFoundError()
    return found


def _offers(instances: Sequence[InstanceRef], *, may_be_single: bool = False) -> tuple[Offer, ...]:
    """Return the representations: as stored, so that an original stays bit-identical, decompressed, or compressed."""
    kept = tuple(dict.fromkeys(instance.transfer_syntax_uid for instance in instances))
    # A transfer syntax that only some instances have would not give the whole resource.
    syntaxes: tuple[str, ...] = kept if len(kept) == 1 else ()
    if instances and EXPLICIT_VR_LITTLE_ENDIAN not in syntaxes and all(map(_can_be_plain, instances)):
        syntaxes = (*(syntaxes or (accept.ANY,)), EXPLICIT_VR_LITTLE_ENDIAN)
    made = partial(_obstacle, instances)
    return tuple(
        offer
        for is_multipart in ((True, False) if may_be_single else (True,))
        for offer in (
            Offer(accept.DICOM, is_multipart, syntaxes),
            Offer(accept.DICOM, is_multipart, LOSSLESS, obstacle=made),
        )
    )


def _obstacle(instances: Sequence[InstanceRef], syntax: str) -> str:
    """Say why not every object can be compressed."""
    return next((reason for one in instances if (reason := encodings.obstacle(one, syntax))), "")


def _can_be_plain(instance: InstanceRef) -> bool:
    return EXPLICIT_VR_LITTLE_ENDIAN in encodings.possible_syntaxes(instance)


def _send(
    request: HttpRequest, reached: Reached, instances: Sequence[InstanceRef], *, may_be_single: bool = False
) -> HttpResponseBase:
    choice = accept.choose(accept.ranges_of(request), _offers(instances, may_be_single=may_be_single))
    syntax = choice.transfer_syntax
    if not choice.offer.is_multipart and _is_as_stored(instances[0], syntax):
        return _send_original(request, reached, instances[0])
    downloads.begin(reached, instances)
    actor = reached.actor
    if not choice.offer.is_multipart:
        return streams.stream(
            encodings.file_blocks(instances[0], syntax), actor=actor, content_type=_media_type(syntax)
        )
    boundary = parts.new_boundary()
    root = addresses.root_of(request)
    outgoing = [_part(instance, root, reached.study.study_instance_uid, syntax) for instance in instances]
    is_of_known_size = all(_is_as_stored(instance, syntax) for instance in instances)
    return streams.stream(
        parts.write(outgoing, boundary),
        actor=actor,
        content_type=parts.content_type_of(accept.DICOM, boundary),
        size=parts.size_of(outgoing, boundary) if is_of_known_size else None,
    )


def _send_original(request: HttpRequest, reached: Reached, instance: InstanceRef) -> HttpResponseBase:
    """Send one object by itself, whole or a range of it."""
    file = file_of(instance)
    media_type = _media_type(instance.transfer_syntax_uid)
    whole = Whole(media_type, size=file.size, blocks=file.range, entity_tag=file.entity_tag)
    if ranges.matches(request, whole.entity_tag):
        return ranges.not_modified(whole.entity_tag)
    downloads.begin(reached, [instance])
    return ranges.send(request, whole, actor=reached.actor)


def _is_as_stored(instance: InstanceRef, syntax: str) -> bool:
    return syntax in {"", accept.ANY, instance.transfer_syntax_uid}


def _part(instance: InstanceRef, root: str, study_uid: str, syntax: str) -> OutgoingPart:
    location = addresses.instance_url(root, study_uid, instance.series_instance_uid, instance.sop_instance_uid)
    if _is_as_stored(instance, syntax):
        file = file_of(instance)
        return OutgoingPart(_media_type(instance.transfer_syntax_uid), file.size, file, location)
    return OutgoingPart(_media_type(syntax), 0, encodings.file_blocks(instance, syntax), location)


def _media_type(syntax: str) -> str:
    return f"{accept.DICOM}; transfer-syntax={syntax}"
