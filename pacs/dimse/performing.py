"""Modality Performed Procedure Step (PS3.4 F.7): a device says that an examination began, and how it ended."""

from typing import Any, Final

from django.db import transaction

from audit import services as audit
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.appointments.models import Appointment, PerformedStep
from pacs.dicom.json_model import Attributes, get_items, get_str
from pacs.dicom.uids import is_valid_uid, uid_from_uuid
from pacs.dimse import commands, datasets
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Status
from pacs.dimse.errors import StatusError

_State = PerformedStep.State
_ENDED: Final = (_State.COMPLETED, _State.DISCONTINUED)
MAX_INSTANCES: Final = 20_000


def create(association: Association, caller: Caller, message: Message) -> None:
    """N-CREATE: an examination began (F.7.2.1)."""
    attributes = datasets.decode(message.read_data(4 * datasets.MAX_BYTES), message.transfer_syntax_uid)
    uid = message.command.get("AffectedSOPInstanceUID") or uid_from_uuid(uuid7())
    if not is_valid_uid(uid):
        raise StatusError(Status.INVALID_ATTRIBUTE, "AffectedSOPInstanceUID is no UID.")
    if get_str(attributes, "PerformedProcedureStepStatus").strip() != _State.IN_PROGRESS:
        raise StatusError(Status.INVALID_ATTRIBUTE, "A step begins with the status IN PROGRESS.")
    with tenant_scope(caller.tenant_id), transaction.atomic():
        planned = _planned(attributes)
        row = PerformedStep(
            tenant_id=caller.tenant_id,
            sop_instance_uid=uid,
            state=_State.IN_PROGRESS,
            appointment=planned,
            study_instance_uid=_scheduled(attributes, "StudyInstanceUID")[:64],
            peer_id=caller.peer_id,
            modality=get_str(attributes, "Modality")[:16],
        )
        PerformedStep.objects.bulk_create([row], ignore_conflicts=True)
        if not PerformedStep.objects.filter(id=row.id).exists():
            raise StatusError(Status.DUPLICATE_INSTANCE, "There is a step of this UID already.")
        if planned is not None:
            Appointment.objects.filter(id=planned.id, state=Appointment.State.SCHEDULED).update(
                state=Appointment.State.STARTED
            )
        audit.record(actor=caller.actor, action="step.began", subject_id=row.id)
    answer: dict[str, Any] = {"AffectedSOPInstanceUID": uid}
    association.send(message.context.id, commands.response_to(message.command, Status.SUCCESS, **answer))


def _scheduled(attributes: Attributes, keyword: str) -> str:
    items = get_items(attributes, "ScheduledStepAttributesSequence")
    return get_str(items[0], keyword).strip() if items else ""


def _planned(attributes: Attributes) -> Appointment | None:
    """Return the appointment whose study the step says it belongs to."""
    uid = _scheduled(attributes, "StudyInstanceUID")
    found: Appointment | None = Appointment.objects.filter(study_instance_uid=uid).first() if uid else None
    return found


def change(association: Association, caller: Caller, message: Message) -> None:
    """N-SET: an examination went on, or ended; then nothing changes any more (F.7.2.2)."""
    attributes = datasets.decode(message.read_data(4 * datasets.MAX_BYTES), message.transfer_syntax_uid)
    uid = message.command.get("RequestedSOPInstanceUID", "")
    with tenant_scope(caller.tenant_id), transaction.atomic():
        row = PerformedStep.objects.select_for_update().filter(sop_instance_uid=uid).first()
        if row is None:
            raise StatusError(Status.NO_SUCH_INSTANCE, "There is no step of this UID.")
        if row.state in _ENDED:
            raise StatusError(Status.PROCESSING_FAILURE, "The step has ended and may no longer be updated.")
        state = get_str(attributes, "PerformedProcedureStepStatus").strip() or row.state
        if state not in _State.values:
            raise StatusError(Status.INVALID_ATTRIBUTE, "The status is none of F.7.2.2.")
        row.state = state
        row.instances = sorted({*row.instances, *_instances(attributes)})[:MAX_INSTANCES]
        if state in _ENDED:
            row.ended_at = now()
            audit.record(actor=caller.actor, action="step.ended", subject_id=row.id, detail={"state": state})
        row.save(update_fields=["state", "instances", "ended_at"])
        if state == _State.DISCONTINUED and row.appointment_id:
            Appointment.objects.filter(id=row.appointment_id, state=Appointment.State.STARTED).update(
                state=Appointment.State.SCHEDULED
            )
        elif state == _State.COMPLETED and row.appointment_id:
            Appointment.objects.filter(id=row.appointment_id).exclude(state=Appointment.State.CANCELLED).update(
                state=Appointment.State.DONE
            )
    association.send(message.context.id, commands.response_to(message.command, Status.SUCCESS))


def _instances(attributes: Attributes) -> list[str]:
    """List what the device says it made."""
    return [
        get_str(image, "ReferencedSOPInstanceUID")
        for series in get_items(attributes, "PerformedSeriesSequence")
        for keyword in ("ReferencedImageSequence", "ReferencedNonImageCompositeSOPInstanceSequence")
        for image in get_items(series, keyword)
    ]
