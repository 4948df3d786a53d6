"""Storage commitment (PS3.4 annex J): a device asks whether its images are kept before it deletes them."""

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import Error, transaction
from django.db.models import QuerySet

from accounts import figures as accounts
from audit import services as audit
from common import logs
from common.clock import now
from common.errors import DomainError
from common.scope import tenant_scope
from pacs.dicom.json_model import get_items, get_str
from pacs.dicom.uids import is_valid_uid
from pacs.dimse import calling, commands, database, datasets, negotiation
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Command, Field, Status
from pacs.dimse.datasets import attribute
from pacs.dimse.errors import StatusError
from pacs.dimse.models import Commitment, Peer
from pacs.models import Instance

log = logs.get("dimse")
MAX_INSTANCES: Final = 20_000
ACTION_REQUEST: Final = 1
_ALL_KEPT, _SOME_MISSING = 1, 2
# (0008,1197) Failure Reason (PS3.4 J.3.3.1.1).
_NO_SUCH_INSTANCE, _OTHER_CLASS = 0x0112, 0x0119
# A device that does not answer is called again by whichever comes first: this clock, or its next question.
RETRY_S: Final = 30.0
# Of one device in a pass: others wait meanwhile.
_PER_PASS: Final = 50
# Later it is asked again, or never.
PATIENCE: Final = dt.timedelta(days=1)


def promise(association: Association, caller: Caller, message: Message) -> None:
    """N-ACTION: take the question; the answer goes to the device's address, or where it has none, comes here."""
    command = message.command
    if command.get("ActionTypeID") != ACTION_REQUEST:
        raise StatusError(Status.NO_SUCH_ACTION, "There is no such action.")
    if command.get("RequestedSOPInstanceUID") != negotiation.COMMITMENT_INSTANCE:
        raise StatusError(Status.NO_SUCH_INSTANCE, "The well-known instance was expected.")
    attributes = datasets.decode(message.read_data(8 * datasets.MAX_BYTES), message.transfer_syntax_uid)
    transaction_uid = get_str(attributes, "TransactionUID").strip()
    wanted = [
        (get_str(item, "ReferencedSOPClassUID").strip(), get_str(item, "ReferencedSOPInstanceUID").strip())
        for item in get_items(attributes, "ReferencedSOPSequence")
    ]
    if not is_valid_uid(transaction_uid) or not wanted or len(wanted) > MAX_INSTANCES:
        raise StatusError(Status.INVALID_ATTRIBUTE, "A transaction UID and its instances were expected.")
    row, peer = _write(caller, transaction_uid, wanted)
    association.send(message.context.id, commands.response_to(command, Status.SUCCESS))
    if peer.host:
        Deliverer.wake.set()
    else:
        _report(association, message.context.id, message.transfer_syntax_uid, row)


def _write(caller: Caller, transaction_uid: str, wanted: list[tuple[str, str]]) -> tuple[Commitment, Peer]:
    with tenant_scope(caller.tenant_id), transaction.atomic():
        peer: Peer = Peer.objects.get(id=caller.peer_id)
        row, _ = Commitment.objects.update_or_create(
            tenant_id=caller.tenant_id,
            peer_id=peer.id,
            transaction_uid=transaction_uid,
            defaults={"instances": wanted, "called_ae_title": caller.called, "asked_at": now(), "answered_at": None},
        )
        audit.record(
            actor=caller.actor, action="commitment.asked", subject_id=row.id, detail={"instances": len(wanted)}
        )
    return row, peer


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which of the instances are kept; the others with the reason."""

    kept: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str, int], ...]


def judge(instances: Sequence[Sequence[str]]) -> Verdict:
    """Look in the store (inside the open scope): what has a row there is durable, else it would have none."""
    found: dict[str, str] = {}
    uids = [uid for _, uid in instances]
    for at in range(0, len(uids), 500):
        rows = Instance.objects.filter(sop_instance_uid__in=uids[at : at + 500], is_binned=False)
        found |= dict(rows.values_list("sop_instance_uid", "sop_class_uid"))
    kept, missing = [], []
    for sop_class, uid in instances:
        if found.get(uid) == sop_class:
            kept.append((sop_class, uid))
        else:
            missing.append((sop_class, uid, _OTHER_CLASS if uid in found else _NO_SUCH_INSTANCE))
    return Verdict(tuple(kept), tuple(missing))


def _report(association: Association, context_id: int, syntax: str, row: Commitment) -> None:
    """N-EVENT-REPORT: say what is kept; the question is answered once the device has confirmed."""
    with tenant_scope(row.tenant_id):
        verdict = judge(row.instances)
    command: Command = {
        "AffectedSOPClassUID": negotiation.COMMITMENT,
        "CommandField": Field.N_EVENT_REPORT,
        "MessageID": 1,
        "CommandDataSetType": 1,
        "AffectedSOPInstanceUID": negotiation.COMMITMENT_INSTANCE,
        "EventTypeID": _SOME_MISSING if verdict.missing else _ALL_KEPT,
    }
    association.send(context_id, command, [datasets.encode(_event(row, verdict), syntax)])
    answer = association.read_answer(1)
    if answer.get("Status") == Status.SUCCESS:
        with tenant_scope(row.tenant_id):
            Commitment.objects.filter(id=row.id).update(answered_at=now())


def _event(row: Commitment, verdict: Verdict) -> dict[str, Any]:
    kept = [_reference(sop_class, uid) for sop_class, uid in verdict.kept]
    missing = [_reference(sop_class, uid) | attribute("FailureReason", why) for sop_class, uid, why in verdict.missing]
    return {
        **attribute("TransactionUID", row.transaction_uid),
        **attribute("RetrieveAETitle", row.called_ae_title),
        **(attribute("ReferencedSOPSequence", *kept) if kept else {}),
        **(attribute("FailedSOPSequence", *missing) if missing else {}),
    }


def _reference(sop_class: str, uid: str) -> dict[str, Any]:
    return attribute("ReferencedSOPClassUID", sop_class) | attribute("ReferencedSOPInstanceUID", uid)


class Deliverer:
    """Calls devices that wait for an answer, in a thread of the listener; what a crash left is found at the start."""

    wake = threading.Event()

    def __init__(self) -> None:
        self._stop = threading.Event()

    def start(self) -> threading.Thread:
        """Run until stopped."""
        thread = threading.Thread(target=self._run, name="commitments", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stop.set()
        self.wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.wake.clear()
            try:
                deliver_all()
            except Error as error:
                log.error("commitments.failed", error_type=type(error).__name__)
            finally:
                database.give_back()
            self.wake.wait(RETRY_S)


def deliver_all() -> None:
    """Call every device of every tenant that waits; one that is away is called once."""
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id):
            peer_ids = sorted(set(_waiting().values_list("peer_id", flat=True)))
        for peer_id in peer_ids:
            with tenant_scope(tenant_id):
                # In any order: a question that a device chokes on does not hold up its others for ever.
                rows = list(_waiting().filter(peer_id=peer_id).select_related("peer").order_by("?")[:_PER_PASS])
            for row in rows:
                if not _deliver(row):
                    break


def _waiting() -> QuerySet[Commitment]:
    waiting = Commitment.objects.filter(answered_at=None, asked_at__gt=now() - PATIENCE)
    found: QuerySet[Commitment] = waiting.filter(peer__state=Peer.State.ALLOWED).exclude(peer__host="")
    return found


def _deliver(row: Commitment) -> bool:
    """Answer one question; say whether the device was there."""
    try:
        association = calling.call(
            row.peer,
            calling=row.called_ae_title,
            wanted=[(negotiation.COMMITMENT, negotiation.MESSAGE_SYNTAXES)],
            # We are the provider, though it is us who call (PS3.7 D.3.3.4).
            roles={negotiation.COMMITMENT: (False, True)},
        )
    except DomainError as error:
        log.warning("commitment.not_delivered", code=error.code)
        return False
    try:
        context = association.find_context(negotiation.COMMITMENT, *negotiation.MESSAGE_SYNTAXES)
        if context is not None:
            _report(association, context.id, context.transfer_syntaxes[0], row)
    except DomainError as error:
        log.warning("commitment.not_delivered", code=error.code)
        return False
    finally:
        calling.hang_up(association)
    return True


def count_waiting(tenant_id: UUID) -> int:
    """Count the questions of a tenant's devices that wait for an answer."""
    with tenant_scope(tenant_id):
        return int(Commitment.objects.filter(answered_at=None).count())
