"""WADO-RS: studies, series and instances as they were received (PS3.18 10.4.1.1.1 to 10.4.1.1.3)."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pacs import gate, selectors
from pacs.archive import downloads
from pacs.archive.views import send_archive
from pacs.dicomweb import accept, addresses, parts, stored, streams
from pacs.dicomweb.accept import Offer
from pacs.dicomweb.parts import OutgoingPart
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached
from pacs.selectors import InstanceRef


def retrieve_study(request: HttpRequest, *, study: str) -> HttpResponseBase:
    """Send every instance of a study; with ``Accept: application/zip`` as an archive."""
    reached = gate.find_study(request, study_instance_uid=study, action="study.download")
    ranges = accept.ranges_of(request)
    if accept.choose(ranges, (*_offers(()), Offer(accept.ZIP, is_literal=True))).offer.media_type == accept.ZIP:
        return send_archive(reached, is_deflated=request.GET.get("deflate") == "1")
    return _send(request, reached, _read(reached))


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
    with gate.enter(reached):
        found = selectors.list_instances(
            study_id=reached.study.id, series_instance_uid=series, sop_instance_uid=instance
        )
        if not found:
            raise StudyNotFoundError()
    return found


def _offers(instances: Sequence[InstanceRef], *, may_be_single: bool = False) -> tuple[Offer, ...]:
    """Return the representations: only as stored, so that an original stays bit-identical."""
    syntaxes = tuple(dict.fromkeys(instance.transfer_syntax_uid for instance in instances))
    # A transfer syntax that only some instances have would not give the whole resource.
    common = syntaxes if len(syntaxes) == 1 else ()
    offers = (Offer(accept.DICOM, is_multipart=True, transfer_syntaxes=common),)
    return (*offers, Offer(accept.DICOM, transfer_syntaxes=common)) if may_be_single else offers


def _send(
    request: HttpRequest, reached: Reached, instances: Sequence[InstanceRef], *, may_be_single: bool = False
) -> HttpResponseBase:
    choice = accept.choose(accept.ranges_of(request), _offers(instances, may_be_single=may_be_single))
    actor = reached.actor
    downloads.begin(reached, instances)
    if not choice.offer.is_multipart:
        single = instances[0]
        return streams.stream(
            stored.object_blocks(single), actor=actor, content_type=_media_type(single), size=single.size_bytes
        )
    boundary = parts.new_boundary()
    root = addresses.root_of(request)
    outgoing = [_part(instance, root, reached.study.study_instance_uid) for instance in instances]
    return streams.stream(
        parts.write(outgoing, boundary),
        actor=actor,
        content_type=parts.content_type_of(accept.DICOM, boundary),
        size=parts.size_of(outgoing, boundary),
    )


def _part(instance: InstanceRef, root: str, study_uid: str) -> OutgoingPart:
    location = addresses.instance_url(root, study_uid, instance.series_instance_uid, instance.sop_instance_uid)
    return OutgoingPart(_media_type(instance), instance.size_bytes, stored.object_blocks(instance), location)


def _media_type(instance: InstanceRef) -> str:
    return f"{accept.DICOM}; transfer-syntax={instance.transfer_syntax_uid}"
