"""One association from its request to its end: who may come in, and which service answers which message."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from django.db import Error

from common import logs
from common.errors import DomainError
from pacs.dimse import (
    callers,
    commands,
    database,
    finding,
    negotiation,
    pdu,
    performing,
    promising,
    retrieving,
    worklists,
)
from pacs.dimse.association import Association, Message
from pacs.dimse.callers import Caller
from pacs.dimse.commands import Field, Status
from pacs.dimse.errors import AssociationEndedError, PduError, StatusError
from pacs.dimse.negotiation import Service
from pacs.dimse.pdu import Negotiation, Rejection
from pacs.dimse.storing import Storing

log = logs.get("dimse")
# A connection to the database is given back when a device pauses this long.
_PAUSE_S: Final = 0.25


class Storer(Protocol):
    """What takes the objects of C-STORE: the portal's own store, or the spool of a gateway."""

    def take(self, message: Message) -> None:
        """Take one object and see to its answer."""
        ...

    def settle(self) -> None:
        """Answer what waits."""
        ...

    def abort(self) -> None:
        """Drop what is staged."""
        ...


class Desk(Protocol):
    """Decides who comes in, and serves who did."""

    def admit(self, request: Negotiation, *, address: str, certificate_sha256: str) -> Negotiation | Rejection:
        """Answer an association request."""
        ...

    def serve(self, association: Association) -> None:
        """Answer the messages of an accepted association until it is released."""
        ...


@dataclass(slots=True)
class PortalDesk:
    """The portal itself."""

    caller: Caller | None = None

    def admit(self, request: Negotiation, *, address: str, certificate_sha256: str) -> Negotiation | Rejection:
        """Let in whom a tenant knows."""
        found = callers.admit(
            called=request.called,
            calling=request.calling,
            address=address,
            certificate_sha256=certificate_sha256,
        )
        if isinstance(found, Rejection):
            log.warning("association.refused", code=f"{found.source}.{found.reason}")
            return found
        self.caller = found
        return negotiation.answer(request, found)

    def serve(self, association: Association) -> None:
        """Answer messages until the device releases."""
        assert self.caller is not None
        _Session(association, self.caller).run()


@dataclass(slots=True)
class _Session:
    association: Association
    caller: Caller
    storing: Storing = field(init=False)

    def __post_init__(self) -> None:
        self.storing = Storing(self.association, self.caller)

    def run(self) -> None:
        try:
            while (message := self._next()) is not None:
                self._handle(message)
                message.skip_data()
        except BaseException:
            self.storing.abort()
            raise
        else:
            self.storing.settle()
        finally:
            self.storing.rest()

    def _next(self) -> Message | None:
        """Wait for a message; while a device says nothing it holds no connection to the database."""
        if not self.association.has_input:
            self.storing.settle()
            if not self.association.waits_for_input(_PAUSE_S):
                self.storing.rest()
                database.give_back()
        return self.association.read_message()

    def _handle(self, message: Message) -> None:
        number = message.command["CommandField"]
        if number == Field.C_CANCEL:
            return
        if number & commands.RESPONSE:
            raise PduError("An answer came that nobody waits for.")
        service = negotiation.service_of(message.context.abstract_syntax, takes_unknown=True)
        if number == Field.C_STORE and service is Service.STORE:
            self._store(message)
            return
        self.storing.settle()
        handler = _HANDLERS.get((service, number)) if service else None
        if service is None or handler is None:
            self._answer(message, Status.UNRECOGNISED, "This operation is not part of the SOP class.")
            return
        if not self.caller.is_still_welcome(negotiation.RIGHTS[service]):
            self._answer(message, Status.NOT_AUTHORISED, "This device is no longer allowed.")
            return
        self._call(handler, message)

    def _store(self, message: Message) -> None:
        if not self.caller.is_still_welcome(negotiation.RIGHTS[Service.STORE]):
            self.storing.settle()
            message.skip_data()
            self._answer(message, Status.NOT_AUTHORISED, "This device may not store.")
            return
        self.storing.take(message)

    def _call(self, handler: "Handler", message: Message) -> None:
        try:
            handler(self.association, self.caller, message)
        except (AssociationEndedError, PduError):
            raise
        except StatusError as error:
            self._answer(message, error.number, error.detail)
        except DomainError as error:
            self._answer(message, Status.PROCESSING_FAILURE, error.title)
        except Error as error:
            log.error("operation.failed", error_type=type(error).__name__)
            database.give_back()
            self._answer(message, Status.OUT_OF_RESOURCES, "The database does not answer. Try again in a minute.")

    def _answer(self, message: Message, status: int, comment: str) -> None:
        message.skip_data()
        answer = commands.response_to(message.command, status, comment=comment)
        self.association.send(message.context.id, answer)


Handler = Callable[[Association, Caller, Message], None]


def _echo(association: Association, _caller: Caller, message: Message) -> None:
    association.send(message.context.id, commands.response_to(message.command, Status.SUCCESS))


_HANDLERS: Final[dict[tuple[Service, int], Handler]] = {
    (Service.ECHO, Field.C_ECHO): _echo,
    (Service.FIND, Field.C_FIND): finding.find,
    (Service.WORKLIST, Field.C_FIND): worklists.find,
    (Service.MOVE, Field.C_MOVE): retrieving.move,
    (Service.GET, Field.C_GET): retrieving.get,
    (Service.PERFORMED, Field.N_CREATE): performing.create,
    (Service.PERFORMED, Field.N_SET): performing.change,
    (Service.COMMIT, Field.N_ACTION): promising.promise,
}


def attend(association: Association, desk: Desk, *, address: str, certificate_sha256: str) -> None:
    """Serve one connection to its end; what goes wrong on it is its own affair."""
    started = time.monotonic()
    try:
        with association:
            request = association.read_request()
            answer = desk.admit(request, address=address, certificate_sha256=certificate_sha256)
            if isinstance(answer, Rejection):
                association.reject(answer)
                return
            association.accept(answer)
            desk.serve(association)
            association.confirm_release()
    except AssociationEndedError:
        log.info("association.broken", duration_ms=_since(started))
    except PduError as error:
        association.abort(reason=6)
        log.warning("association.aborted", code=error.code)
    except DomainError as error:
        association.abort(reason=1)
        log.error("association.failed", code=error.code)
    except Error as error:
        association.reject(pdu.NOT_NOW) if not association.contexts else association.abort(reason=1)
        log.error("association.failed", error_type=type(error).__name__)
    finally:
        database.give_back()


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


# Keeps the number of associations in bounds; the listener holds one permit for each.
class Permits:
    """Counts what is under way, to refuse what would be too much."""

    def __init__(self, limit: int) -> None:
        self._semaphore = threading.BoundedSemaphore(limit)

    def take(self) -> bool:
        """Take a permit if there is one."""
        return self._semaphore.acquire(blocking=False)

    def give_back(self) -> None:
        """Return one."""
        self._semaphore.release()
