"""C-MOVE and C-GET (PS3.4 C.4.2 and C.4.3): originals sent by C-STORE, in the order of their series."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.db import Error, transaction

from audit import services as audit
from common import logs
from common.errors import DomainError
from common.scope import tenant_scope
from pacs import selectors
from pacs.dicom.dictionary import tag_of
from pacs.dicom.json_model import Attributes, get_str
from pacs.dicomweb import encodings
from pacs.dicomweb.attributes import BY_TAG
from pacs.dimse import calling, commands, datasets, negotiation
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Command, Field, Status
from pacs.dimse.datasets import attribute
from pacs.dimse.errors import AssociationEndedError, PduError, StatusError
from pacs.dimse.models import Peer
from pacs.selectors import InstanceRef

log = logs.get("dimse")
# A C-STORE that this many answered before is no longer counted one by one: the numbers are 16 bits wide.
_MAX_COUNT: Final = 65_535
_MAX_STUDIES: Final = 1000
_KEYS: Final = {
    "PATIENT": ("PatientID",),
    "STUDY": ("StudyInstanceUID",),
    "SERIES": ("SeriesInstanceUID",),
    "IMAGE": ("SOPInstanceUID",),
}


@dataclass(slots=True)
class Tally:
    """What became of the sub-operations."""

    remaining: int
    completed: int = 0
    failed: int = 0
    warned: int = 0
    failed_uids: list[str] = field(default_factory=list)

    def count(self, status: int, uid: str) -> None:
        """Count one."""
        self.remaining -= 1
        if status == Status.SUCCESS:
            self.completed += 1
        elif status >> 12 == 0xB:
            self.warned += 1
        else:
            self.failed += 1
            self.failed_uids.append(uid)

    def elements(self, *, with_remaining: bool) -> dict[str, int]:
        """Return them for a response."""
        found = {
            "NumberOfCompletedSuboperations": min(self.completed, _MAX_COUNT),
            "NumberOfFailedSuboperations": min(self.failed, _MAX_COUNT),
            "NumberOfWarningSuboperations": min(self.warned, _MAX_COUNT),
        }
        return {**found, "NumberOfRemainingSuboperations": min(self.remaining, _MAX_COUNT)} if with_remaining else found


def _find(caller: Caller, message: Message) -> list[InstanceRef]:
    """List what an identifier names, and write to the log that it leaves."""
    is_patient_root = negotiation.BY_UID[message.context.abstract_syntax].is_patient_root
    identifier = datasets.decode(message.read_data(datasets.MAX_BYTES), message.transfer_syntax_uid)
    level = get_str(identifier, "QueryRetrieveLevel").strip()
    if level not in _KEYS or (level == "PATIENT" and not is_patient_root):
        raise StatusError(Status.DATA_SET_MISMATCH, "There is no such Query/Retrieve Level in this model.")
    if not _values(identifier, _KEYS[level][0]):
        raise StatusError(Status.DATA_SET_MISMATCH, "{key} is missing.", key=_KEYS[level][0])
    found: list[InstanceRef] = []
    with tenant_scope(caller.tenant_id):
        for study in _studies(caller, identifier):
            chosen = list(_chosen(identifier, selectors.list_instances(study_id=study.id)))
            if chosen:
                _record(caller, study, chosen)
            found += chosen
    return found


def _values(identifier: Attributes, keyword: str) -> list[str]:
    """Return the values of a unique key; a wild card is none."""
    text = datasets.value_text(identifier, tag_of(keyword))
    return [value.strip() for value in text.split("\\") if value.strip() and "*" not in value and "?" not in value]


def _studies(caller: Caller, identifier: Attributes) -> list[Any]:
    rows = selectors.visible_studies(caller.actor)
    is_narrow = False
    for keyword in ("PatientID", "StudyInstanceUID"):
        values = _values(identifier, keyword)
        if values:
            rows = rows.filter(**{f"{BY_TAG[tag_of(keyword)].name}__in": values})
            is_narrow = True
    for keyword, path in (
        ("SeriesInstanceUID", "series__series_instance_uid__in"),
        ("SOPInstanceUID", "instances__sop_instance_uid__in"),
    ):
        if not is_narrow and (values := _values(identifier, keyword)):
            rows = rows.filter(**{path: values}).distinct()
            is_narrow = True
    found = list(rows.order_by("id")[: _MAX_STUDIES + 1])
    if len(found) > _MAX_STUDIES:
        raise StatusError(Status.CANNOT_COUNT_MATCHES, "More than {limit} studies match.", limit=_MAX_STUDIES)
    return found


def _chosen(identifier: Attributes, instances: Sequence[InstanceRef]) -> Iterator[InstanceRef]:
    series, sops = set(_values(identifier, "SeriesInstanceUID")), set(_values(identifier, "SOPInstanceUID"))
    for instance in instances:
        if (not series or instance.series_instance_uid in series) and (not sops or instance.sop_instance_uid in sops):
            yield instance


def _record(caller: Caller, study: Any, instances: Sequence[InstanceRef]) -> None:
    digest = hashlib.sha256(b"".join(instance.sha256 for instance in instances)).hexdigest()
    with transaction.atomic():
        audit.open_access(actor=caller.actor, study_id=study.id, purpose="download")
        audit.record(
            actor=caller.actor,
            action="study.exported",
            study_id=study.id,
            patient_id=study.patient_id,
            detail={"instances": len(instances), "sha256": digest, "calling_ae_title": caller.calling},
        )


# --- C-MOVE -----------------------------------------------------------------------------------------------------------


def move(association: Association, caller: Caller, message: Message) -> None:
    """Send what is asked for to a third device, or to the one that asks, over an association of our own."""
    instances = _find(caller, message)
    destination = _destination(caller, message.command.get("MoveDestination", ""))
    if not instances:
        _finish(association, message, Tally(0), is_cancelled=False)
        return
    try:
        outbound = calling.call(destination, calling=caller.called, wanted=_contexts(instances))
    except DomainError as error:
        raise StatusError(Status.CANNOT_MOVE, error.detail or error.title) from None
    try:
        more = {
            "MoveOriginatorApplicationEntityTitle": caller.calling,
            "MoveOriginatorMessageID": message.command.get("MessageID", 0),
        }
        _transfer(
            association, caller, message, instances, lambda instance, number: _store(outbound, instance, number, more)
        )
    finally:
        calling.hang_up(outbound)


def _destination(caller: Caller, ae_title: str) -> Peer:
    with tenant_scope(caller.tenant_id):
        found: Peer | None = Peer.objects.filter(ae_title=ae_title, state=Peer.State.ALLOWED).exclude(host="").first()
    if found is None:
        raise StatusError(Status.DESTINATION_UNKNOWN, "The destination is no device of the list with an address.")
    return found


def _contexts(instances: Sequence[InstanceRef]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Propose each class in the encoding that it is kept in, and where that can be changed, in the plain ones."""
    wanted: dict[tuple[str, str], None] = {}
    for instance in instances:
        for syntax in encodings.possible_syntaxes(instance):
            wanted[instance.sop_class_uid, syntax] = None
    for sop_class, syntax in islice(wanted, calling.MAX_CONTEXTS):
        yield sop_class, (syntax,)


# --- C-GET ------------------------------------------------------------------------------------------------------------


def get(association: Association, caller: Caller, message: Message) -> None:
    """Send what is asked for over the association that asks."""
    instances = _find(caller, message)
    _transfer(
        association, caller, message, instances, lambda instance, number: _store(association, instance, number, {})
    )


# --- both -------------------------------------------------------------------------------------------------------------


def _transfer(
    association: Association,
    caller: Caller,
    message: Message,
    instances: Sequence[InstanceRef],
    send: Callable[[InstanceRef, int], int],
) -> None:
    tally = Tally(len(instances))
    message_id = message.command.get("MessageID", 0)
    for number, instance in enumerate(instances, start=1):
        if association.is_cancelled(message_id) or not caller.is_still_welcome("can_retrieve"):
            _finish(association, message, tally, is_cancelled=True)
            return
        tally.count(send(instance, number % _MAX_COUNT + 1), instance.sop_instance_uid)
        if tally.remaining:
            pending = commands.response_to(message.command, Status.PENDING) | tally.elements(with_remaining=True)
            association.send(message.context.id, pending)
    _finish(association, message, tally, is_cancelled=False)


def _finish(association: Association, message: Message, tally: Tally, *, is_cancelled: bool) -> None:
    """Send the last response, with the list of what failed (PS3.4 C.4.2.1.4.2)."""
    if is_cancelled:
        status = Status.CANCELLED
    elif tally.failed:
        status = Status.SOME_FAILED if tally.completed or tally.warned else Status.CANNOT_MOVE
    else:
        status = Status.SOME_FAILED if tally.warned else Status.SUCCESS
    has_list = bool(tally.failed_uids)
    command = commands.response_to(message.command, status, has_data=has_list)
    command |= tally.elements(with_remaining=is_cancelled)
    failed = attribute("FailedSOPInstanceUIDList", *tally.failed_uids)
    data = [datasets.encode(failed, message.transfer_syntax_uid)] if has_list else None
    association.send(message.context.id, command, data)


def _store(outbound: Association, instance: InstanceRef, number: int, more: dict[str, Any]) -> int:
    """Send one object and return the status of the answer; a failure of ours is a failed sub-operation."""
    context = outbound.find_context(instance.sop_class_uid, *encodings.possible_syntaxes(instance))
    if context is None or not outbound.is_open:
        return Status.CLASS_NOT_SUPPORTED
    command: Command = {
        "AffectedSOPClassUID": instance.sop_class_uid,
        "CommandField": Field.C_STORE,
        "MessageID": number,
        "Priority": 0,
        "CommandDataSetType": 1,
        "AffectedSOPInstanceUID": instance.sop_instance_uid,
        **more,
    }
    try:
        blocks = encodings.data_set(instance, context.transfer_syntaxes[0])
        first = next(blocks, b"")
    except (DomainError, Error, ValueError) as error:
        log.error("instance.not_sent", error_type=type(error).__name__)
        return Status.PROCESSING_FAILURE
    try:
        outbound.send(context.id, command, _after(first, blocks))
        return _await(outbound, number)
    except (AssociationEndedError, PduError):
        if more:
            # The third device went away: what remains fails, whoever asked is told.
            outbound.is_open = False
            return Status.PROCESSING_FAILURE
        raise
    except (DomainError, Error) as error:
        # The object broke off inside its message: the association cannot go on.
        log.error("instance.not_sent", error_type=type(error).__name__)
        with suppress(DomainError):
            outbound.abort()
        if more:
            return Status.PROCESSING_FAILURE
        raise AssociationEndedError("An object could not be read to its end.") from None


def _after(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from blocks


def _await(outbound: Association, number: int) -> int:
    """Wait for the answer to a C-STORE; a cancellation that comes first is seen between two objects."""
    answer = outbound.read_answer(number)
    return int(answer.get("Status", Status.PROCESSING_FAILURE))
