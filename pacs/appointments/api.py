"""`/api/v1/appointments`: practice programs send their schedule, and read what became of it."""

import datetime as dt
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts import selectors as accounts
from common.actor import Actor
from common.clock import today
from common.errors import InvalidInputError, TooLargeError, UnsupportedMediaTypeError
from common.ids import parse_uuid
from common.scope import tenant_scope
from pacs import gate, leaving
from pacs.appointments import csv_file, fhir, plans, selectors, services
from pacs.appointments.errors import ScheduleFormatError
from pacs.appointments.models import Appointment
from pacs.appointments.plans import Plan
from pacs.dicomweb import body

PAGE: Final = 200
MAX_BYTES: Final = csv_file.MAX_BYTES
_JSON: Final = "application/json"
_FHIR: Final = "application/fhir+json"
_CSV: Final = "text/csv"


def read(request: HttpRequest) -> HttpResponse:
    """List the appointments of some days."""
    actor = gate.member(request, "schedule.read")
    first = _day(request, "from", today())
    last = _day(request, "to", first)
    with tenant_scope(actor.tenant_id):
        rows = selectors.list_between(first=first, last=last, after=_cursor(request), limit=PAGE + 1)
        shown = [_describe(row) for row in rows[:PAGE]]
        studies = (row.study_id for row in rows[:PAGE] if row.study_id)
        leaving.record_search(actor, level="schedule", found=len(shown), study_ids=studies)
    return JsonResponse({"appointments": shown, "next": str(rows[PAGE - 1].id) if len(rows) > PAGE else None})


def _cursor(request: HttpRequest) -> Appointment | None:
    text = request.GET.get("cursor", "")
    if not text:
        return None
    cursor = parse_uuid(text)
    found = selectors.find(cursor) if cursor else None
    if found is None:
        raise InvalidInputError("There is no appointment to go on behind: begin again without the cursor.")
    return found


def _day(request: HttpRequest, name: str, default: dt.date) -> dt.date:
    text = request.GET.get(name, "")
    try:
        return dt.date.fromisoformat(text) if text else default
    except ValueError:
        raise InvalidInputError("{name} is a date like 2026-03-31.", name=name) from None


def _describe(row: Appointment) -> dict[str, Any]:
    return {
        "external_id": row.external_id,
        "state": row.state,
        "date": row.start_date.isoformat(),
        "time": row.start_time,
        "modality": row.modality,
        "station": row.station_ae_title,
        "patient_id": row.patient_id,
        "accession_number": row.accession_number,
        "study_instance_uid": row.study_instance_uid,
        "study": str(row.study_id) if row.study_id else None,
        "matched_by": row.matched_by or None,
    }


def save(request: HttpRequest) -> HttpResponse:
    """Save appointments."""
    actor = gate.member(request, services.WRITE)
    saved = services.save(actor=actor, plans=_read(request, actor))
    return JsonResponse({"added": saved.added, "changed": saved.changed})


def _read(request: HttpRequest, actor: Actor) -> list[Plan]:
    kind = request.content_type
    if kind not in {_JSON, _FHIR, _CSV}:
        raise UnsupportedMediaTypeError("Send application/json, application/fhir+json or text/csv.")
    data = bytearray()
    with body.of_request(request.META) as blocks:
        for block in blocks:
            data += block
            if len(data) > MAX_BYTES:
                raise TooLargeError("A request may have {limit} bytes at most.", limit=MAX_BYTES)
    if kind == _CSV:
        return csv_file.read(bytes(data))
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise ScheduleFormatError("The body is no JSON.") from None
    if kind == _FHIR:
        return fhir.read(found, zone=accounts.house(actor.tenant_id).zone)
    return _plans(found)


def _plans(found: Any) -> list[Plan]:
    """Read one appointment, a list of them, or an object that holds the list."""
    rows = found.get("appointments", [found]) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or len(rows) > csv_file.MAX_ROWS:
        raise ScheduleFormatError("A list of at most {limit} appointments was expected.", limit=csv_file.MAX_ROWS)
    if not all(isinstance(row, dict) for row in rows):
        raise ScheduleFormatError("Each appointment is an object.")
    return [plans.read(row, where=f"number {number}") for number, row in enumerate(rows, start=1)]
