"""One association on its socket: messages in, messages out (PS3.8 9.2 and annex E, PS3.7 annex F).

Data sets are never held: they come as an iterator over the fragments in the receive buffer, to be used before the next
one is asked for.
"""

import socket
import struct
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from pacs.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from pacs.dimse import commands, pdu
from pacs.dimse.commands import Command, Field
from pacs.dimse.errors import AssociationEndedError, AssociationRefusedError, PduError
from pacs.dimse.pdu import Context, Negotiation, Rejection
from pacs.dimse.wire import Wire

ARTIM_S: Final = 30.0
# A scanner may keep its association open between two patients.
IDLE_S: Final = 600.0
# Within a message the next bytes come soon.
TRANSFER_S: Final = 60.0
# So long a peer may take to read our last words.
_LINGER_S: Final = 2.0
# Peers that name no limit are not sent larger ones.
_OUTGOING_PDU: Final = 131_072
# Nobody is offered to ask more at a time.
_MAX_HELD: Final = 64
_MIN_PDU: Final = 1024

Blocks = Iterable[bytes | memoryview]


@dataclass(slots=True)
class Message:
    """A command, the context that it came in, and the fragments of its data set, if it has one."""

    context: Context
    command: Command
    data: Iterator[memoryview] | None = None

    @property
    def transfer_syntax_uid(self) -> str:
        return self.context.transfer_syntaxes[0]

    def read_data(self, limit: int) -> bytes:
        """Return a small data set as a whole."""
        found = bytearray()
        for block in self.data or ():
            found += block
            if len(found) > limit:
                raise PduError("A data set is larger than {limit} bytes, which this service never needs.", limit=limit)
        return bytes(found)

    def skip_data(self) -> None:
        """Read what nobody needs."""
        for _ in self.data or ():
            pass


class Association:
    """Either side of an association.

    Parameters
    ----------
    connection
        Plain or TLS; the association closes it.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.contexts: dict[int, Context] = {}
        self.remote = Negotiation(called="", calling="", contexts=())
        self.window = 1
        self.is_open = False
        self._wire = Wire(connection)
        # What of the last P-DATA-TF was not looked at yet.
        self._rest = memoryview(b"")
        self._waiting: deque[Message] = deque()
        self._is_released = False
        self._cancelled: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- negotiation --------------------------------------------------------------------------------------------------

    def read_request(self) -> Negotiation:
        """Wait for A-ASSOCIATE-RQ.

        Raises
        ------
        PduError, AssociationEndedError
            If something else comes, or nothing.
        """
        self._wire.limit(ARTIM_S)
        kind, body = self._read_control()
        if kind != pdu.ASSOCIATE_RQ:
            self.abort(reason=2)
            raise PduError("The first message is of kind {kind} instead of a request.", kind=kind)
        self.remote = pdu.parse_negotiation(body)
        return self.remote

    def accept(self, answer: Negotiation) -> None:
        """Send A-ASSOCIATE-AC with the answers to all contexts."""
        self.contexts = {context.id: context for context in answer.contexts if context.result == pdu.ACCEPTED}
        self.window = answer.window
        self.is_open = True
        self._send(pdu.write_accept(answer))

    def reject(self, rejection: Rejection) -> None:
        """Send A-ASSOCIATE-RJ and wait a moment for the peer to hang up, so that it gets to read it."""
        self._send(pdu.write_rejection(rejection))
        self._wire.end(_LINGER_S)

    def request(self, wanted: Negotiation) -> None:
        """Propose an association as its requestor.

        Raises
        ------
        AssociationRefusedError
            If the peer does not want it.
        """
        self._wire.limit(ARTIM_S)
        self._send(pdu.write_request(wanted))
        kind, body = self._read_control()
        if kind == pdu.ASSOCIATE_RJ:
            raise AssociationRefusedError("Result {r}, source {s}, reason {w}.", r=body[1], s=body[2], w=body[3])
        if kind != pdu.ASSOCIATE_AC:
            raise AssociationRefusedError("It answered with a message of kind {kind}.", kind=kind)
        self.remote = pdu.parse_negotiation(body)
        proposed = {context.id: context.abstract_syntax for context in wanted.contexts}
        self.contexts = {
            context.id: Context(context.id, proposed[context.id], context.transfer_syntaxes[:1])
            for context in self.remote.contexts
            if context.result == pdu.ACCEPTED and context.id in proposed and context.transfer_syntaxes
        }
        self.is_open = True

    # --- reading ------------------------------------------------------------------------------------------------------

    def messages(self) -> Iterator[Message]:
        """Yield messages until the peer releases; what of a data set was not read is passed over."""
        while (message := self.read_message()) is not None:
            yield message
            message.skip_data()

    def read_message(self) -> Message | None:
        """Return the next message, or None when the peer released the association."""
        if self._waiting:
            return self._waiting.popleft()
        if self._is_released:
            return None
        self._wire.limit(IDLE_S)
        command = bytearray()
        context: Context | None = None
        is_last = False
        while not is_last:
            fragment = self._next_value()
            if fragment is None:
                return None
            context_id, is_command, is_last, value = fragment
            if not is_command or (context is not None and context.id != context_id):
                raise PduError("A data set came where a command was expected.")
            context = self.contexts.get(context_id)
            if context is None:
                raise PduError("A message came in context {number}, which was not accepted.", number=context_id)
            command += value
            if len(command) > commands.MAX_COMMAND:
                raise PduError("A command set is longer than {limit} bytes.", limit=commands.MAX_COMMAND)
            self._wire.limit(TRANSFER_S)
        assert context is not None
        parsed = commands.parse(bytes(command))
        # Many devices give each request the same number: what was cancelled was the one before.
        self._cancelled.discard(parsed.get("MessageID", -1))
        data = self._read_data_set(context.id) if commands.has_data_set(parsed) else None
        return Message(context, parsed, data)

    def _read_data_set(self, context_id: int) -> Iterator[memoryview]:
        is_last = False
        while not is_last:
            fragment = self._next_value()
            if fragment is None:
                raise AssociationEndedError("It was released inside a data set.")
            found_id, is_command, is_last, value = fragment
            if is_command or found_id != context_id:
                raise PduError("Another message began inside a data set.")
            yield value

    def _next_value(self) -> tuple[int, bool, bool, memoryview] | None:
        """Return the next presentation data value as (context, is command, is last, bytes); None at the release."""
        while not self._rest:
            kind, length = self._read_header()
            if kind == pdu.DATA_TF:
                if length > pdu.MAX_DATA:
                    raise PduError(
                        "A P-DATA-TF has {length} bytes, {limit} were agreed.", length=length, limit=pdu.MAX_PDU
                    )
                self._rest = self._read_exactly(length)
            elif kind == pdu.RELEASE_RQ:
                self._read_exactly(min(length, 4))
                self._is_released = True
                return None
            else:
                self._end_with(kind)
        if len(self._rest) < pdu.VALUE_HEADER.size:
            raise PduError("A presentation data value has no header.")
        length, context_id, flags = pdu.VALUE_HEADER.unpack_from(self._rest)
        if not 2 <= length <= len(self._rest) - 4:
            raise PduError("A presentation data value of {length} bytes does not fit its message.", length=length)
        value, self._rest = self._rest[6 : 4 + length], self._rest[4 + length :]
        return context_id, bool(flags & 1), bool(flags & 2), value

    def _end_with(self, kind: int) -> None:
        self.is_open = False
        if kind == pdu.ABORT:
            raise AssociationEndedError("The peer aborted.")
        raise PduError("A message of kind {kind} came inside the association.", kind=kind)

    def _read_control(self) -> tuple[int, bytes]:
        kind, length = self._read_header()
        if length > pdu.MAX_NEGOTIATION or kind not in range(1, 8):
            raise PduError("A message of kind {kind} and {length} bytes came.", kind=kind, length=length)
        body = b"".join(
            bytes(self._read_exactly(min(pdu.MAX_DATA, length - at))) for at in range(0, length, pdu.MAX_DATA)
        )
        if kind in {pdu.ASSOCIATE_RJ, pdu.ABORT} and length < 4:
            raise PduError("A message of kind {kind} has {length} bytes.", kind=kind, length=length)
        return kind, body

    def _read_header(self) -> tuple[int, int]:
        kind, length = pdu.HEADER.unpack(self._read_exactly(pdu.HEADER.size))
        return kind, length

    def _read_exactly(self, size: int) -> memoryview:
        try:
            return self._wire.take(size)
        except AssociationEndedError:
            self.is_open = False
            raise

    @property
    def has_input(self) -> bool:
        """Say whether the peer has sent more than was read."""
        return self.waits_for_input(0)

    def waits_for_input(self, timeout_s: float) -> bool:
        """Wait a while, and say whether the peer has sent more than was read."""
        return bool(self._rest or self._waiting) or self._wire.waits_for_input(timeout_s)

    def is_cancelled(self, message_id: int) -> bool:
        """Say whether the peer has cancelled an operation meanwhile (PS3.7 9.3.2.3); other messages wait."""
        while message_id not in self._cancelled and self.has_input and not self._waiting:
            message = self.read_message()
            if message is None:
                return True
            if message.command["CommandField"] == Field.C_CANCEL:
                self._cancelled.add(message.command.get("MessageIDBeingRespondedTo", -1))
                continue
            self._waiting.append(message)
        return message_id in self._cancelled

    def read_answer(self, message_id: int) -> Command:
        """Wait for the answer to a message that we sent; requests that come first wait.

        Raises
        ------
        AssociationEndedError
            If the association ends instead.
        """
        held: list[Message] = []
        while True:
            message = self.read_message()
            if message is None:
                raise AssociationEndedError("It was released before an answer came.")
            command = message.command
            if command["CommandField"] == Field.C_CANCEL:
                self._cancelled.add(command.get("MessageIDBeingRespondedTo", -1))
            elif command.get("MessageIDBeingRespondedTo") == message_id:
                message.skip_data()
                self._waiting.extend(held)
                return command
            elif message.data is None:
                held.append(message)
                if len(held) > _MAX_HELD:
                    raise PduError("More than {limit} requests came while an answer was awaited.", limit=_MAX_HELD)
            else:
                raise PduError("A request came while an answer was awaited.")

    # --- writing ------------------------------------------------------------------------------------------------------

    def send(self, context_id: int, command: Mapping[str, Any], data: Blocks | None = None) -> None:
        """Send one message; its data set is cut into what the peer takes."""
        limit = self._outgoing_size()
        out = [value_pdu(context_id, 3, commands.write(command))]
        if data is None:
            self._send(out[0])
            return
        # The command travels with the first fragment of its data.
        for flags, fragment in _cut(data, limit):
            out += [_header(context_id, flags, len(fragment)), fragment]
            self._send(b"".join(out))
            out = []

    def _outgoing_size(self) -> int:
        remote = self.remote.max_length or _OUTGOING_PDU
        return min(max(remote, _MIN_PDU), pdu.MAX_PDU) - pdu.VALUE_HEADER.size

    def _send(self, data: bytes) -> None:
        try:
            self._wire.send(data)
        except AssociationEndedError:
            self.is_open = False
            raise

    # --- the end ------------------------------------------------------------------------------------------------------

    def release(self) -> None:
        """End the association in order, as whoever asked for it."""
        if not self.is_open:
            return
        self.is_open = False
        self._send(pdu.write_release(pdu.RELEASE_RQ))
        self._wire.limit(ARTIM_S)
        kind, length = self._read_header()
        while kind == pdu.DATA_TF and length <= pdu.MAX_DATA:
            self._read_exactly(length)
            kind, length = self._read_header()

    def confirm_release(self) -> None:
        """Answer the peer's release."""
        self.is_open = False
        self._send(pdu.write_release(pdu.RELEASE_RP))
        self._wire.end(_LINGER_S)

    def abort(self, *, reason: int = 0) -> None:
        """End the association at once; a peer that is gone needs no word."""
        self.is_open = False
        try:
            self._wire.send(pdu.write_abort(is_provider=bool(reason), reason=reason))
        except AssociationEndedError:
            return
        self._wire.end(_LINGER_S)

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        self.connection.close()

    def find_context(self, abstract_syntax: str, *transfer_syntaxes: str) -> Context | None:
        """Return an accepted context for a SOP class in the first of some encodings that has one."""
        for syntax in transfer_syntaxes:
            for context in self.contexts.values():
                if context.abstract_syntax == abstract_syntax and context.transfer_syntaxes[0] == syntax:
                    return context
        return None


def _header(context_id: int, flags: int, size: int) -> bytes:
    return struct.pack(">BxIIBB", pdu.DATA_TF, size + 6, size + 2, context_id, flags)


def value_pdu(context_id: int, flags: int, value: bytes) -> bytes:
    """Return P-DATA-TF with one presentation data value."""
    return _header(context_id, flags, len(value)) + value


def _cut(data: Blocks, limit: int) -> Iterator[tuple[int, bytes]]:
    """Cut blocks into fragments of a size; the last one is marked (PS3.8 E.2)."""
    held = bytearray()
    for block in data:
        held += block
        while len(held) > limit:
            yield 0, bytes(held[:limit])
            del held[:limit]
    yield 2, bytes(held)


def ours(**values: Any) -> Negotiation:
    """Return a negotiation that says who we are."""
    return Negotiation(
        implementation_class_uid=IMPLEMENTATION_CLASS_UID, implementation_version=IMPLEMENTATION_VERSION_NAME, **values
    )
