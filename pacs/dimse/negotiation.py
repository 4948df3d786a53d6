"""What is spoken here: SOP classes and transfer syntaxes, as tables (the conformance statement is made of them)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydicom._uid_dict import UID_dictionary

from pacs.dicom.sop_classes import SOP_CLASSES
from pacs.dicom.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    TRANSFER_SYNTAXES,
)
from pacs.dicom.uids import is_valid_uid
from pacs.dimse import pdu
from pacs.dimse.association import ours
from pacs.dimse.callers import Caller
from pacs.dimse.pdu import Context, Negotiation

VERIFICATION: Final = "1.2.840.10008.1.1"
MODALITY_WORKLIST: Final = "1.2.840.10008.5.1.4.31"
PERFORMED_STEP: Final = "1.2.840.10008.3.1.2.3.3"
COMMITMENT: Final = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"


class Service(StrEnum):
    """What is done in a presentation context."""

    ECHO = "verification"
    STORE = "storage"
    FIND = "query"
    MOVE = "retrieve by C-MOVE"
    GET = "retrieve by C-GET"
    WORKLIST = "modality worklist"
    PERFORMED = "modality performed procedure step"
    COMMIT = "storage commitment"


# What a device needs for a service.
RIGHTS: Final = {
    Service.ECHO: "",
    Service.STORE: "can_store",
    Service.COMMIT: "can_store",
    Service.FIND: "can_query",
    Service.MOVE: "can_retrieve",
    Service.GET: "can_retrieve",
    Service.WORKLIST: "can_worklist",
    Service.PERFORMED: "can_worklist",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One SOP class of another service than storage, provided here."""

    uid: str
    name: str
    service: Service
    # The root of the information model (PS3.4 C.6), where it has one.
    is_patient_root: bool = False


OFFERS: Final = (
    Offer(VERIFICATION, "Verification", Service.ECHO),
    Offer("1.2.840.10008.5.1.4.1.2.1.1", "Patient Root Query/Retrieve - FIND", Service.FIND, is_patient_root=True),
    Offer("1.2.840.10008.5.1.4.1.2.2.1", "Study Root Query/Retrieve - FIND", Service.FIND),
    Offer("1.2.840.10008.5.1.4.1.2.1.2", "Patient Root Query/Retrieve - MOVE", Service.MOVE, is_patient_root=True),
    Offer("1.2.840.10008.5.1.4.1.2.2.2", "Study Root Query/Retrieve - MOVE", Service.MOVE),
    Offer("1.2.840.10008.5.1.4.1.2.1.3", "Patient Root Query/Retrieve - GET", Service.GET, is_patient_root=True),
    Offer("1.2.840.10008.5.1.4.1.2.2.3", "Study Root Query/Retrieve - GET", Service.GET),
    Offer(MODALITY_WORKLIST, "Modality Worklist Information Model - FIND", Service.WORKLIST),
    Offer(PERFORMED_STEP, "Modality Performed Procedure Step", Service.PERFORMED),
    Offer(COMMITMENT, "Storage Commitment Push Model", Service.COMMIT),
)
BY_UID: Final = {offer.uid: offer for offer in OFFERS}

# Of everything that is no stored object, in the order in which they are chosen.
MESSAGE_SYNTAXES: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)
# Of objects that leave, when the one that they are kept in is not taken.
OUTGOING_SYNTAXES: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)
# Chosen only where nothing else is proposed.
_LAST: Final = (EXPLICIT_VR_BIG_ENDIAN, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)
MAX_WINDOW: Final = 64


def service_of(abstract_syntax: str, *, takes_unknown: bool = False) -> Service | None:
    """Return the service of a SOP class, or None when there is none here.

    Parameters
    ----------
    takes_unknown
        Whether classes count as storage that the standard does not know.
    """
    offer = BY_UID.get(abstract_syntax)
    if offer is not None:
        return offer.service
    if abstract_syntax in SOP_CLASSES or (takes_unknown and _may_be_storage(abstract_syntax)):
        return Service.STORE
    return None


def _may_be_storage(uid: str) -> bool:
    known = UID_dictionary.get(uid)
    return is_valid_uid(uid) if known is None else "Storage" in known[0] and known[1] == "SOP Class"


def may(caller: Caller, service: Service) -> bool:
    """Say whether a device may use a service."""
    return not RIGHTS[service] or bool(getattr(caller, RIGHTS[service]))


def answer(request: Negotiation, caller: Caller) -> Negotiation:
    """Return the answer to a request: each context accepted in one encoding, or refused with its reason."""
    roles = {uid: role for uid, role in request.roles.items() if _role_is_taken(uid, role, caller)}
    window = MAX_WINDOW if request.window == 0 else min(request.window, MAX_WINDOW)
    return ours(
        called=request.called,
        calling=request.calling,
        contexts=tuple(_decide(context, caller, roles) for context in request.contexts),
        max_length=pdu.MAX_PDU,
        window=window,
        has_window=request.has_window,
        roles=roles,
    )


def _role_is_taken(uid: str, role: tuple[bool, bool], caller: Caller) -> bool:
    service = service_of(uid, takes_unknown=caller.takes_unknown_classes)
    # Whoever fetches by C-GET is provider of the storage that follows (PS3.4 C.5.3.1).
    return service is Service.STORE and (caller.can_retrieve or not role[1])


def _decide(context: Context, caller: Caller, roles: dict[str, tuple[bool, bool]]) -> Context:
    uid = context.abstract_syntax
    service = service_of(uid, takes_unknown=caller.takes_unknown_classes)
    is_fetching = service is Service.STORE and roles.get(uid, (True, False))[1]
    if service is None or not (may(caller, service) or is_fetching):
        return Context(context.id, uid, context.transfer_syntaxes[:1], pdu.NO_ABSTRACT_SYNTAX)
    chosen = choose(context.transfer_syntaxes, service, is_fetching=is_fetching)
    if chosen is None:
        return Context(context.id, uid, context.transfer_syntaxes[:1], pdu.NO_TRANSFER_SYNTAX)
    return Context(context.id, uid, (chosen,))


def choose(proposed: Iterable[str], service: Service, *, is_fetching: bool = False) -> str | None:
    """Return the encoding that is accepted of those that a context proposes, or None.

    Parameters
    ----------
    is_fetching
        Whether objects leave in it (C-GET): then one into which many can be written.
    """
    wanted = list(proposed)
    if service is not Service.STORE or (is_fetching and len(wanted) > 1):
        known = [uid for uid in MESSAGE_SYNTAXES if uid in wanted]
        if known or service is not Service.STORE:
            return known[0] if known else None
    storable = [uid for uid in wanted if uid in TRANSFER_SYNTAXES]
    return next((uid for uid in storable if uid not in _LAST), storable[0] if storable else None)
