"""Modality worklist (PS3.4 annex K): a device asks who comes to it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit import services as audit
from common.scope import tenant_scope
from pacs.appointments.models import Appointment
from pacs.dicom.dictionary import tag_of
from pacs.dicom.json_model import Attributes, get_items
from pacs.dicom.names import PersonName, fold
from pacs.dicomweb import matching
from pacs.dicomweb.attributes import name_groups
from pacs.dicomweb.errors import QueryError
from pacs.dimse import datasets
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Status
from pacs.dimse.datasets import attribute
from pacs.dimse.errors import StatusError
from pacs.dimse.finding import answer

PAGE: Final = 200
_STEP: Final = tag_of("ScheduledProcedureStepSequence")
_INNER_WILDCARD: Final = re.compile(r"[*?]")
_LITERAL: Final = re.compile(r"[^*?]+")
_OPEN: Final = (Appointment.State.SCHEDULED, Appointment.State.STARTED)


def _match_name(_column: str, value: str) -> Q:
    """Match a name folded, as searches of studies do; what stands behind a wild card in front may be any part."""
    plain = value.replace("=", "^")
    if _INNER_WILDCARD.search(plain.strip("*")):
        pattern = _LITERAL.sub(lambda found: _fold(found[0]), plain)
        return Q(patient_name_folded__regex=f"^{matching.regex_of(pattern)}$")
    folded = " ".join(PersonName.parse(plain.strip("*")).search_tokens)
    if not plain.endswith("*") and not plain.startswith("*"):
        return Q(patient_name_folded=folded)
    if plain.startswith("*"):
        return Q(patient_name_folded__contains=folded)
    return Q(patient_name_folded__startswith=folded)


def _fold(literal: str) -> str:
    """Fold what stands between two wild cards; the space between the parts of a name stays."""
    words = fold(literal)
    if not words:
        return " "
    return f"{'' if literal[0].isalnum() else ' '}{words}{'' if literal[-1].isalnum() else ' '}"


def _match_station(column: str, value: str) -> Q:
    # An appointment that names no device is every device's.
    return matching.match_text(column, value) | Q(**{column: ""})


# Matching keys (table K.6-1) by their column.
_KEYS: Final = {
    tag_of("PatientName"): ("patient_name_folded", _match_name),
    tag_of("PatientID"): ("patient_id", matching.match_text),
    tag_of("AccessionNumber"): ("accession_number", matching.match_text),
    tag_of("StudyInstanceUID"): ("study_instance_uid", matching.match_uid),
}
_STEP_KEYS: Final = {
    tag_of("ScheduledStationAETitle"): ("station_ae_title", _match_station),
    tag_of("ScheduledProcedureStepStartDate"): ("start_date", matching.match_date),
    tag_of("ScheduledProcedureStepStartTime"): ("start_time", matching.match_time),
    tag_of("Modality"): ("modality", matching.match_text),
}
MATCHING_KEYWORDS: Final = (
    "PatientName",
    "PatientID",
    "AccessionNumber",
    "StudyInstanceUID",
    "ScheduledStationAETitle",
    "ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartTime",
    "Modality",
)


def find(association: Association, caller: Caller, message: Message) -> None:
    """Answer a worklist query with the open appointments that match."""
    identifier = datasets.decode(message.read_data(datasets.MAX_BYTES), message.transfer_syntax_uid)
    try:
        condition = _condition(identifier, _KEYS) & _condition(_asked_step(identifier), _STEP_KEYS)
    except QueryError as error:
        raise StatusError(Status.CANNOT_UNDERSTAND, error.detail or error.title) from None
    rows = _rows(caller, condition)
    answer(association, message, (_only(_item(caller, row), identifier) for row in rows))


def _asked_step(identifier: Attributes) -> Attributes:
    return next(iter(get_items(identifier, "ScheduledProcedureStepSequence")), {})


def _condition(identifier: Mapping[str, Any], keys: Mapping[str, tuple[str, Any]]) -> Q:
    found = Q()
    for tag, (column, matcher) in keys.items():
        value = datasets.value_text(identifier, tag).strip()
        if value.strip("*"):
            found &= matcher(column, value)
    return found


def _rows(caller: Caller, condition: Q) -> Iterator[Appointment]:
    last: UUID | None = None
    while True:
        with tenant_scope(caller.tenant_id):
            found = Appointment.objects.filter(condition, state__in=_OPEN)
            page = list((found.filter(id__gt=last) if last else found).order_by("id")[:PAGE])
            if page:
                with transaction.atomic():
                    audit.record(
                        actor=caller.actor,
                        action="worklist.read",
                        detail={"found": len(page), "calling_ae_title": caller.calling},
                    )
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].id


def step_id(appointment_id: UUID) -> str:
    """Return the ids of requested procedure and step, type 1 in 16 characters."""
    return appointment_id.hex[-16:].upper()


def _item(caller: Caller, row: Appointment) -> Attributes:
    """Return what table K.6-1 asks for, the types 1 with values."""
    born = row.birth_date.strftime("%Y%m%d") if row.birth_date else ""
    step = {
        **attribute("ScheduledStationAETitle", row.station_ae_title or caller.calling),
        **attribute("ScheduledProcedureStepStartDate", row.start_date.strftime("%Y%m%d")),
        **attribute("ScheduledProcedureStepStartTime", row.start_time or "000000"),
        **attribute("Modality", row.modality or "OT"),
        **attribute("ScheduledPerformingPhysicianName"),
        **attribute("ScheduledProcedureStepDescription", row.description or "Imaging"),
        **attribute("ScheduledProcedureStepID", step_id(row.id)),
        **attribute("ScheduledStationName"),
        **attribute("ScheduledProcedureStepLocation"),
        **attribute("ScheduledProcedureStepStatus", "STARTED" if row.state == _OPEN[1] else "SCHEDULED"),
    }
    physician = name_groups(row.referring_physician_pn) if row.referring_physician_pn else ""
    return {
        **attribute("AccessionNumber", row.accession_number),
        **attribute("ReferringPhysicianName", physician),
        **attribute("PatientName", name_groups(row.patient_name_pn)),
        **attribute("PatientID", row.patient_id),
        **attribute("IssuerOfPatientID", row.issuer),
        **attribute("PatientBirthDate", born),
        **attribute("PatientSex", row.sex),
        **attribute("PatientWeight"),
        **attribute("MedicalAlerts"),
        **attribute("Allergies"),
        **attribute("PregnancyStatus"),
        **attribute("StudyInstanceUID", row.study_instance_uid),
        **attribute("RequestingPhysician", physician),
        **attribute("RequestedProcedureDescription", row.description or "Imaging"),
        **attribute("RequestedProcedureID", step_id(row.id)),
        **attribute("RequestedProcedurePriority"),
        **attribute("PatientTransportArrangements"),
        **attribute("AdmissionID"),
        **attribute("CurrentPatientLocation"),
        **attribute("PatientState"),
        **attribute("ConfidentialityConstraintOnPatientDataDescription"),
        _STEP: {"vr": "SQ", "Value": [step]},
    }


def _only(item: Attributes, identifier: Attributes) -> Attributes:
    """Return what was asked for; an empty sequence asks for all of its item."""
    kept = {tag: value for tag, value in item.items() if tag in identifier}
    asked = _asked_step(identifier)
    if asked and _STEP in kept:
        (step,) = item[_STEP]["Value"]
        kept[_STEP] = {"vr": "SQ", "Value": [{tag: value for tag, value in step.items() if tag in asked}]}
    return kept
