"""STOW-RS: storing instances (PS3.18 10.5).

The body is never held: each part streams through the scan into the store. Nothing is visible until all of it was read
and committed in one transaction; a body that breaks off leaves nothing behind.
"""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from common.actor import Actor
from common.errors import ForbiddenError
from pacs import gate
from pacs.dicom.dictionary import tag_of, vr_of
from pacs.dicom.xml_model import write_xml
from pacs.dicomweb import accept, addresses, assembling, body
from pacs.dicomweb.errors import MalformedBodyError
from pacs.dicomweb.multipart import Parts, opening_of
from pacs.intake import Batch, Verdict

Item = dict[str, Any]
_OFFERS = (accept.Offer(accept.JSON), accept.Offer(accept.PLAIN_JSON), accept.Offer(accept.XML))
# What a body is of: files, or metadata followed by its bulk data.
_TAKEN = (accept.DICOM, accept.JSON, accept.XML)


def store(request: HttpRequest, *, study: str | None = None) -> HttpResponse:
    """Store the instances of a body (``/studies``), all of one study where the address names it.

    Returns
    -------
    HttpResponse
        200 when every instance is stored, or was before with the same bytes; 202 when some were refused; 409 when all
        were (PS3.18 table 10.5.3-1).
    """
    actor = _sender(request, study)
    choice = accept.choose(accept.ranges_of(request), _OFFERS)
    media_type, boundary = opening_of(request.META.get("CONTENT_TYPE", ""), of=_TAKEN)
    batch = Batch(actor=actor, source="stow", study_instance_uid=study)
    verdicts = _take(request, batch, media_type, boundary)
    stored = sum(verdict.is_stored for verdict in verdicts)
    status = 409 if not stored else 200 if stored == len(verdicts) else 202
    described = describe(verdicts, addresses.root_of(request), study)
    is_xml = choice.offer.media_type == accept.XML
    answer = write_xml(described) if is_xml else orjson.dumps(described)
    return HttpResponse(answer, status=status, content_type=choice.offer.media_type)


def _sender(request: HttpRequest, study: str | None) -> Actor:
    try:
        return gate.member(request, "study.upload")
    except ForbiddenError:
        if study is not None:
            # To somebody who may not store, a study of somebody else must look absent.
            gate.find_study(request, study_instance_uid=study, action="study.list")
        raise


def _take(request: HttpRequest, batch: Batch, media_type: str, boundary: bytes) -> list[Verdict]:
    with body.of_request(request.META) as blocks, batch:
        if media_type != accept.DICOM:
            verdicts = assembling.store_parts(batch, Parts(blocks, boundary), of=media_type)
            batch.commit()
            return verdicts
        for part in Parts(blocks, boundary):
            batch.add(part.blocks)
        if not batch.items:
            raise MalformedBodyError("The body has no parts.")
        return batch.commit()


def describe(verdicts: list[Verdict], root: str, study: str | None = None) -> Item:
    """Return the response module (PS3.18 I.2) as DICOM JSON.

    Each item says in (0000,0902) Error Comment which part of the request, or instance of the metadata, it is about and
    (for what was not stored) why
    in words: the standard's reasons are numbers, and instances that could not be read have no UID to be known by.

    Parameters
    ----------
    verdicts
        Of the parts, in order.
    root
        The absolute address of the services.
    study
        The study that was addressed, if one was.
    """
    stored, failed, unreadable = [], [], []
    for number, verdict in enumerate(verdicts, start=1):
        if verdict.is_stored:
            stored.append(_stored(number, verdict, root))
        elif verdict.sop_instance_uid:
            failed.append(_reference(verdict) | _failure(number, verdict))
        else:
            unreadable.append(_failure(number, verdict))
    answer: Item = {}
    studies = {study} if study else {verdict.study_instance_uid for verdict in verdicts if verdict.is_stored}
    if stored and len(studies) == 1:
        answer |= _one("RetrieveURL", addresses.study_url(root, studies.pop() or ""))
    for keyword, items in (
        ("FailedSOPSequence", failed),
        ("ReferencedSOPSequence", stored),
        ("OtherFailuresSequence", unreadable),
    ):
        if items:
            answer[tag_of(keyword)] = {"vr": "SQ", "Value": items}
    return answer


def _stored(number: int, verdict: Verdict, root: str) -> Item:
    address = addresses.instance_url(
        root, verdict.study_instance_uid, verdict.series_instance_uid, verdict.sop_instance_uid
    )
    item = _reference(verdict) | _one("RetrieveURL", address)
    if verdict.warning_reason:
        item |= _one("WarningReason", verdict.warning_reason)
    return item | _comment(number, verdict)


def _reference(verdict: Verdict) -> Item:
    sop_class = _one("ReferencedSOPClassUID", verdict.sop_class_uid)
    return sop_class | _one("ReferencedSOPInstanceUID", verdict.sop_instance_uid)


def _failure(number: int, verdict: Verdict) -> Item:
    return _one("FailureReason", verdict.failure_reason) | _comment(number, verdict)


def _comment(number: int, verdict: Verdict) -> Item:
    """Return the part's number and the explanation; LO has 64 characters (PS3.5 6.2), our texts are longer at times."""
    told = " ".join(filter(None, [verdict.message, *verdict.notes]))
    words = f"part {number}: {told}" if told else f"part {number}"
    return _one("ErrorComment", words.replace("\\", "/"))


def _one(keyword: str, value: str | int) -> Item:
    tag = tag_of(keyword)
    return {tag: {"vr": vr_of(int(tag, 16)) or "UN", "Value": [value]}}
