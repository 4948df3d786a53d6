"""Whom a gateway lets in, and what it does for them: verification and storage, nothing else."""

from dataclasses import dataclass
from itertools import chain
from threading import Event

from common.errors import DomainError
from pacs.dicom import file_meta
from pacs.dicom.uids import is_valid_uid
from pacs.dimse import commands, negotiation, pdu
from pacs.dimse.association import Association, Message, ours
from pacs.dimse.commands import Field, Status
from pacs.dimse.errors import AssociationEndedError, PduError
from pacs.dimse.gateway.spool import Spool
from pacs.dimse.negotiation import Service
from pacs.dimse.pdu import Context, Negotiation, Rejection


@dataclass(frozen=True, slots=True)
class GatewayDesk:
    """Takes objects from the devices that the practice has named.

    Parameters
    ----------
    wake
        Set when something new is in the spool.
    """

    spool: Spool
    ae_title: str
    allowed: frozenset[str]
    wake: Event

    def admit(self, request: Negotiation, *, address: str, certificate_sha256: str) -> Negotiation | Rejection:
        """Let in whom the command line names."""
        if request.called != self.ae_title:
            return pdu.CALLED_UNKNOWN
        if request.calling not in self.allowed:
            return pdu.CALLING_UNKNOWN
        return ours(
            called=request.called,
            calling=request.calling,
            contexts=tuple(_decide(context) for context in request.contexts),
            max_length=pdu.MAX_PDU,
        )

    def serve(self, association: Association) -> None:
        """Answer until the device releases."""
        for message in association.messages():
            number = message.command["CommandField"]
            if number == Field.C_STORE:
                self._store(association, message)
            elif number != Field.C_CANCEL:
                status = Status.SUCCESS if number == Field.C_ECHO else Status.UNRECOGNISED
                association.send(message.context.id, commands.response_to(message.command, status))

    def _store(self, association: Association, message: Message) -> None:
        status, comment = self._spool(message)
        message.skip_data()
        association.send(message.context.id, commands.response_to(message.command, status, comment=comment))

    def _spool(self, message: Message) -> tuple[int, str]:
        uids = [message.command.get(name, "") for name in ("AffectedSOPClassUID", "AffectedSOPInstanceUID")]
        if message.data is None or not all(map(is_valid_uid, uids)):
            return Status.MISSING_ATTRIBUTE, "SOP class, SOP instance and a data set were expected."
        head = file_meta.file_head(
            sop_class_uid=uids[0], sop_instance_uid=uids[1], transfer_syntax_uid=message.transfer_syntax_uid
        )
        try:
            self.spool.put(chain((head,), message.data))
        except (AssociationEndedError, PduError):
            raise
        except DomainError as error:
            return Status.OUT_OF_RESOURCES, error.title
        self.wake.set()
        return Status.SUCCESS, ""


def _decide(context: Context) -> Context:
    service = negotiation.service_of(context.abstract_syntax, takes_unknown=True)
    if service not in {Service.ECHO, Service.STORE}:
        return Context(context.id, context.abstract_syntax, context.transfer_syntaxes[:1], pdu.NO_ABSTRACT_SYNTAX)
    chosen = negotiation.choose(context.transfer_syntaxes, service)
    if chosen is None:
        return Context(context.id, context.abstract_syntax, context.transfer_syntaxes[:1], pdu.NO_TRANSFER_SYNTAX)
    return Context(context.id, context.abstract_syntax, (chosen,))
