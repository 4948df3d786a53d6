"""What the script of the upload page asks for: begun, asked what lacks, sent, given up. All of it as JSON."""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse

from common.errors import InvalidInputError, NotFoundError, TooLargeError
from common.refusals import stored_text_of, title_of
from pacs import gate, services
from pacs.dicomweb import accept, body
from pacs.dicomweb.errors import MalformedBodyError
from pacs.dicomweb.multipart import Part, Parts, boundary_of
from pacs.errors import PatientIdTakenError
from pacs.forms import PictureForm
from pacs.intake import Batch, Verdict, pieces, sessions

MAX_FORM: Final = 16_384
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
View = Callable[..., HttpResponse]


def posted(view: View) -> View:
    """Answer any other method as if nothing were there."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **ids: Any) -> HttpResponse:
        if request.method != "POST":
            raise NotFoundError
        return view(request, *args, **ids)

    return answer


@posted
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or find the unfinished one of the same files; 0 files: they are still being looked at.

    Also says which of the first files need not be sent.
    """
    actor = gate.member(request, sessions.UPLOAD)
    said = _json(request)
    # A page that was opened before the portal learned to answer at once asks later.
    asked = _fingerprints(said, "asked") if "asked" in said else []
    upload_id = sessions.begin_upload(
        actor=actor,
        digest=sessions.parse_fingerprint(_text(said, "digest")),
        label=_text(said, "label"),
        total_files=_count(said, "files", sessions.MAX_FILES),
        total_bytes=_count(said, "bytes", 2**53),
    )
    found = sessions.list_answered(actor=actor, upload_id=upload_id, fingerprints=asked)
    return JsonResponse({"id": str(upload_id), "files": [_describe(one) for one in found]})


@posted
def answered(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Say which of some files need not be sent; the last question tells how many the upload has."""
    actor = gate.insider(request)
    sessions.require_upload(actor=actor, upload_id=upload_id)
    said = _json(request)
    asked, total = _fingerprints(said, "files"), said.get("total")
    found = sessions.list_answered(actor=actor, upload_id=upload_id, fingerprints=asked)
    if isinstance(total, dict):
        files, size = _count(total, "files", sessions.MAX_FILES), _count(total, "bytes", 2**53)
        sessions.count_upload(actor=actor, upload_id=upload_id, total_files=files, total_bytes=size)
    return JsonResponse({"files": [_describe(one) for one in found]})


@posted
def take(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Store the files of one batch, all in one transaction; each part says by its Content-ID which file it is."""
    actor = gate.insider(request)
    sessions.require_upload(actor=actor, upload_id=upload_id)
    boundary = boundary_of(request.META.get("CONTENT_TYPE", ""), of=accept.DICOM)
    with body.of_request(request.META) as blocks, Batch(actor=actor, source="browser") as batch:
        names = []
        for part in Parts(blocks, boundary):
            names.append(sessions.parse_fingerprint(part.headers.get(sessions.FINGERPRINT_HEADER, "")))
            batch.add(part.blocks)
        if not names:
            raise MalformedBodyError("The body has no parts.")

        def note(verdicts: list[Verdict]) -> None:
            by_name = dict(zip(names, verdicts, strict=True))
            sessions.note_verdicts(actor=actor, upload_id=upload_id, verdicts=by_name)

        verdicts = batch.commit(note)
    return JsonResponse({"files": [_describe(_answered(*one)) for one in zip(names, verdicts, strict=True)]})


@posted
def pieces_of(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Say which pieces of a large file have arrived."""
    actor = gate.insider(request)
    sessions.require_upload(actor=actor, upload_id=upload_id)
    name = sessions.parse_fingerprint(_text(_json(request), "file"))
    found = pieces.list_numbers(actor=actor, upload_id=upload_id, fingerprint=name)
    return JsonResponse({"pieces": found})


@posted
def keep_piece(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Keep one piece of a large file; the address says of which file, and its number from 0."""
    actor = gate.insider(request)
    sessions.require_upload(actor=actor, upload_id=upload_id)
    name = sessions.parse_fingerprint(request.GET.get("file", ""))
    number = request.GET.get("number", "")
    if not (_NUMBER.fullmatch(number) and int(number) <= pieces.MAX_NUMBER):
        raise InvalidInputError("The number of a piece is a whole number up to {limit}.", limit=pieces.MAX_NUMBER)
    with body.of_request(request.META) as blocks:
        pieces.keep(actor=actor, upload_id=upload_id, fingerprint=name, number=int(number), blocks=blocks)
    return JsonResponse({})


@posted
def join(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Store a large file whose pieces have all arrived, as one that came in one piece."""
    actor = gate.insider(request)
    sessions.require_upload(actor=actor, upload_id=upload_id)
    asked = _json(request)
    name = sessions.parse_fingerprint(_text(asked, "file"))
    blocks = pieces.read(
        actor=actor, upload_id=upload_id, fingerprint=name, size_bytes=_count(asked, "size", body.MAX_BODY_BYTES)
    )

    def note(verdicts: list[Verdict]) -> None:
        sessions.note_verdicts(actor=actor, upload_id=upload_id, verdicts={name: verdicts[0]})
        pieces.forget(actor=actor, upload_id=upload_id, fingerprint=name)

    with Batch(actor=actor, source="browser") as batch:
        batch.add(blocks)
        verdicts = batch.commit(note)
    return JsonResponse({"files": [_describe(_answered(name, verdicts[0]))]})


@posted
def discard(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Give an unfinished upload up; what was stored stays."""
    sessions.discard_upload(actor=gate.insider(request), upload_id=upload_id)
    return JsonResponse({})


@posted
def take_picture(request: HttpRequest) -> HttpResponse:
    """Store one picture: the first part says in JSON what the form of the page says, the second is the file."""
    actor = gate.member(request, sessions.UPLOAD)
    boundary = boundary_of(request.META.get("CONTENT_TYPE", ""), of="application/json")
    with body.of_request(request.META) as blocks:
        said, content = _said_and_shown(Parts(blocks, boundary))
    form = PictureForm(said)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    try:
        verdict = services.store_film(actor=actor, film=form.film, content=content)
    except PatientIdTakenError as refusal:
        return JsonResponse({"errors": {"patient_id": [title_of(refusal)]}}, status=422)
    return JsonResponse({"status": verdict.status.value, "StudyInstanceUID": verdict.study_instance_uid})


def _said_and_shown(parts: Iterable[Part]) -> tuple[dict[str, str], bytes]:
    """Read both parts, bounded; nothing of them touches the disk."""
    found = [_bounded(part.blocks, limit) for part, limit in zip(parts, (MAX_FORM, services.MAX_PICTURE), strict=False)]
    if len(found) != 2:
        raise MalformedBodyError("Two parts were expected.")
    said = _object(found[0])
    return {name: _text(said, name) for name in said}, found[1]


def _bounded(blocks: Iterable[bytes], limit: int) -> bytes:
    found = bytearray()
    for block in blocks:
        found += block
        if len(found) > limit:
            raise TooLargeError("A picture may have {limit} bytes at most.", limit=limit)
    return bytes(found)


def _answered(name: bytes, verdict: Verdict) -> sessions.Answered:
    study = verdict.study_instance_uid if verdict.is_stored else ""
    return sessions.Answered(name, verdict.status.value, verdict.reason, verdict.message, study)


def _describe(one: sessions.Answered) -> dict[str, str]:
    return {
        "file": sessions.write_fingerprint(one.fingerprint),
        "status": one.status,
        "message": stored_text_of(one.reason, one.message),
        "StudyInstanceUID": one.study_instance_uid,
    }


def _fingerprints(said: dict[str, Any], name: str) -> list[bytes]:
    asked = said.get(name)
    if not isinstance(asked, list) or len(asked) > sessions.MAX_ASKED:
        raise InvalidInputError(
            "{name} is a list of {limit} fingerprints at most.", name=name, limit=sessions.MAX_ASKED
        )
    return [sessions.parse_fingerprint(str(one)) for one in asked]


def _json(request: HttpRequest) -> dict[str, Any]:
    return _object(request.body)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInputError("The body is a JSON object.")
    return found


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str) or "\0" in value:
        raise InvalidInputError("{name} is a text.", name=name)
    return value


def _count(asked: dict[str, Any], name: str, limit: int) -> int:
    value = asked.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        raise InvalidInputError("{name} is a whole number up to {limit}.", name=name, limit=limit)
    return value
