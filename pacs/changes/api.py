"""`/api/v1/changes`: programs of the practice read what changed since they last asked."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from common.errors import InvalidInputError
from common.scope import tenant_scope
from pacs import gate, leaving
from pacs.changes import selectors
from pacs.changes.errors import ChangesAheadError
from pacs.changes.selectors import StudyChange
from pacs.models import Study


def changes(request: HttpRequest) -> HttpResponse:
    """List changes after a number, the oldest first; `next` is what to ask for the next time."""
    actor = gate.member(request, "study.list")
    after = _number(request.GET.get("after", "0"))
    with tenant_scope(actor.tenant_id):
        if after > selectors.last_number():
            raise ChangesAheadError
        page = selectors.list_changes(after=after, limit=selectors.PAGE + 1)
        shown = page[: selectors.PAGE]
        ids = [one.study_id for one in shown]
        studies = selectors.visible_studies(actor=actor, study_ids=ids)
        appointments = selectors.appointments_of(studies)
        leaving.record_search(actor, level="changes", found=len(studies), study_ids=studies)
    rows = [_describe(one, studies.get(one.study_id), appointments.get(one.study_id)) for one in shown]
    return JsonResponse({"changes": rows, "next": shown[-1].number if shown else after, "more": len(page) > len(shown)})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInputError("after is the number that the last answer gave as next, or 0.")
    return int(text)


def _describe(change: StudyChange, study: Study | None, appointment: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "number": change.number,
        "at": change.at.isoformat(),
        "study": str(change.study_id),
        "state": change.state,
    }
    if study is None:
        return row
    return row | {
        "study_instance_uid": study.study_instance_uid,
        "patient_id": study.dicom_patient_id,
        "issuer_of_patient_id": study.issuer_of_patient_id,
        "accession_number": study.accession_number,
        "study_date": study.study_date.isoformat() if study.study_date else None,
        "modalities": study.modalities.split(),
        "number_of_instances": study.number_of_instances,
        "report": study.report_state or None,
        "appointment": appointment,
    }
