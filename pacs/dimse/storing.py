"""C-STORE (PS3.7 9.1.1, PS3.4 annex B): staged while it streams in, acknowledged once it is committed."""

from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from django.db import Error

from common import logs
from common.errors import DomainError
from pacs.dicom import file_meta
from pacs.dicom.uids import is_valid_uid
from pacs.dimse import commands, database
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Command, Status
from pacs.dimse.errors import AssociationEndedError, PduError
from pacs.dimse.gathering import Gatherer, gatherer_of
from pacs.errors import OtherInstanceThanCommandedError
from pacs.intake import Batch, Verdict
from pacs.intake import Status as Outcome
from pacs.intake.verdicts import FailureReason

log = logs.get("dimse")
# What a device that does not wait for answers may have under way before it gets some.
MAX_PENDING: Final = 64
MAX_PENDING_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Storing:
    """The C-STOREs of one association that are staged and not yet answered."""

    association: Association
    caller: Caller
    gatherer: Gatherer = field(init=False)
    _batch: Batch | None = None
    _messages: list[tuple[int, Command]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gatherer = gatherer_of(tenant_id=self.caller.tenant_id, peer_id=self.caller.peer_id)
        self.gatherer.look_again()

    def take(self, message: Message) -> None:
        """Take one object; answer it, and those before it, unless more is here already."""
        command = message.command
        wrong = _missing(command)
        if wrong or message.data is None:
            self.settle()
            self._answer(message.context.id, command, Status.MISSING_ATTRIBUTE, wrong or "No data set came.")
            return
        try:
            self._stage(message)
        except (AssociationEndedError, PduError):
            self.abort()
            raise
        except (DomainError, Error) as error:
            self.abort(after=error)
            message.skip_data()
            self._answer(message.context.id, command, *_failure(error))
            return
        self._messages.append((message.context.id, command))
        if not self._may_wait():
            self.settle()

    def _stage(self, message: Message) -> None:
        command = message.command
        if self._batch is None:
            self._batch = Batch(
                actor=self.caller.actor,
                source="dimse",
                caller=self.caller.calling,
                keys_of_studies=self.gatherer.keys_of_studies,
            )
        head = file_meta.file_head(
            sop_class_uid=command["AffectedSOPClassUID"],
            sop_instance_uid=command["AffectedSOPInstanceUID"],
            transfer_syntax_uid=message.transfer_syntax_uid,
        )
        assert message.data is not None
        verdict = self._batch.add(chain[bytes | memoryview]((head,), message.data))
        if verdict.is_stored and verdict.sop_instance_uid != command["AffectedSOPInstanceUID"]:
            verdict.refuse(Outcome.QUARANTINED, OtherInstanceThanCommandedError(), FailureReason.DATA_SET_MISMATCH)

    def _may_wait(self) -> bool:
        """Say whether the next object can join this transaction: it is on its way, and the device awaits no answer."""
        assert self._batch is not None
        is_full = len(self._messages) >= min(self.association.window, MAX_PENDING)
        return not is_full and self._batch.size_bytes < MAX_PENDING_BYTES and self.association.has_input

    def settle(self) -> None:
        """Commit what is staged, and answer it."""
        batch, messages = self._batch, self._messages
        self._batch, self._messages = None, []
        if batch is None:
            return
        try:
            verdicts = self.gatherer.commit(batch)
        except (DomainError, Error) as error:
            log.error("instances.not_stored", count=len(messages), error_type=type(error).__name__)
            if isinstance(error, Error):
                database.give_back()
            for context_id, command in messages:
                self._answer(context_id, command, *_failure(error))
            return
        for (context_id, command), verdict in zip(messages, verdicts, strict=True):
            self._answer(context_id, command, *_judge(verdict))

    def rest(self) -> None:
        """Take a pause, or the end, for what need not be done slice by slice."""
        self.gatherer.tell_rest()

    def abort(self, *, after: BaseException | None = None) -> None:
        """Drop what is staged; what was not acknowledged is the sender's still."""
        batch, messages = self._batch, self._messages
        self._batch, self._messages = None, []
        if batch is not None:
            batch.abort(after=after)
        if after is not None and self.association.is_open:
            for context_id, command in messages:
                self._answer(context_id, command, *_failure(after))

    def _answer(self, context_id: int, command: Command, status: int, comment: str = "") -> None:
        self.association.send(context_id, commands.response_to(command, status, comment=comment))


def _missing(command: Command) -> str:
    for keyword in ("AffectedSOPClassUID", "AffectedSOPInstanceUID"):
        if not is_valid_uid(command.get(keyword, "")):
            return f"{keyword} is no UID."
    return ""


def _judge(verdict: Verdict) -> tuple[int, str]:
    """Return status and comment for a verdict (PS3.4 table B.2-1)."""
    if verdict.is_stored:
        return verdict.warning_reason or Status.SUCCESS, verdict.message
    return verdict.failure_reason or Status.PROCESSING_FAILURE, verdict.message


def _failure(error: BaseException) -> tuple[int, str]:
    """Return what a device is told when the portal could not store: it shall try again."""
    if isinstance(error, DomainError):
        return Status.OUT_OF_RESOURCES, error.title
    return Status.OUT_OF_RESOURCES, "The database does not answer. Try again in a minute."
