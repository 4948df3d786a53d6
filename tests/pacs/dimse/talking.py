"""A device and the portal in one process: the portal serves in the test's own thread and transaction."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from accounts.models import Tenant
from common.actor import system_actor
from pacs.dicom.file_meta import data_set_offset
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from pacs.dimse import commands, datasets, peers, serving
from pacs.dimse.association import Association, ours
from pacs.dimse.commands import Command, Field
from pacs.dimse.pdu import Context
from pacs.dimse.serving import Desk, PortalDesk
from tests.factories.cast import make_tenant

CT = "1.2.840.10008.5.1.4.1.1.2"
Answer = TypeVar("Answer")
EVERYTHING = {"can_query": True, "can_retrieve": True}
PLAIN = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)


def make_called_tenant(called: str = "PORTAL", *, takes_unknown: bool = False, **values: Any) -> Tenant:
    """Create a tenant that is called by a name and knows the device DEVICE."""
    tenant = make_tenant()
    actor = system_actor(tenant.id)
    peers.add_title(actor=actor, ae_title=called, takes_unknown_classes=takes_unknown)
    peers.add_peer(actor=actor, ae_title="DEVICE", values={**EVERYTHING, **values})
    return tenant


@dataclass
class Device:
    """The other side: proposes, asks, and keeps what it was answered."""

    association: Association
    answers: list[tuple[Command, dict[str, Any] | None]] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)

    def context(self, sop_class: str) -> Context:
        """Return the accepted context of a SOP class."""
        return next(one for one in self.association.contexts.values() if one.abstract_syntax == sop_class)

    def ask(self, sop_class: str, number: int, data: bytes | dict[str, Any] | None = None, **more: Any) -> Command:
        """Send a message and wait for its last answer; C-STOREs that come meanwhile are taken."""
        context = self.context(sop_class)
        self.send(context, sop_class, number, data, **more)
        while True:
            message = self.association.read_message()
            assert message is not None, "released"
            found = message.read_data(1 << 26) if message.data else None
            if message.command["CommandField"] == Field.C_STORE:
                self.received.append(found or b"")
                self.association.send(message.context.id, commands.response_to(message.command, 0))
                continue
            identifier = datasets.decode(found, message.transfer_syntax_uid) if found else None
            self.answers.append((message.command, identifier))
            if message.command["CommandField"] == Field.N_EVENT_REPORT:
                self.association.send(message.context.id, commands.response_to(message.command, 0))
            elif message.command.get("Status", 0) >> 8 != 0xFF:
                return message.command

    def send(self, context: Context, sop_class: str, number: int, data: Any = None, **more: Any) -> None:
        """Send a message."""
        command = {
            "AffectedSOPClassUID" if number not in {Field.N_SET, Field.N_ACTION} else "RequestedSOPClassUID": sop_class,
            "CommandField": number,
            "MessageID": more.pop("message_id", 7),
            "CommandDataSetType": 1 if data is not None else commands.NO_DATA_SET,
            **more,
        }
        raw = datasets.encode(data, context.transfer_syntaxes[0]) if isinstance(data, dict) else data
        self.association.send(context.id, command, None if raw is None else [raw])

    def find(self, sop_class: str, **keys: Any) -> list[dict[str, Any]]:
        """Query, and return the matches."""
        identifier: dict[str, Any] = {}
        for keyword, value in keys.items():
            identifier |= datasets.attribute(keyword, value)
        begin = len(self.answers)
        self.ask(sop_class, Field.C_FIND, identifier)
        return [identifier or {} for _, identifier in self.answers[begin:-1]]

    def store(self, file: bytes, *, sop_class: str = CT, sop_instance: str = "", **more: Any) -> Command:
        """Send the data set of a file by C-STORE."""
        return self.ask(
            sop_class,
            Field.C_STORE,
            file[data_set_offset(file) :],
            AffectedSOPInstanceUID=sop_instance or uid_of(file),
            Priority=0,
            **more,
        )


def uid_of(file: bytes) -> str:
    """Return (0002,0003) Media Storage SOP Instance UID of a file made by code."""
    at = file.index(b"\x02\0\x03\0UI") + 6
    length = int.from_bytes(file[at : at + 2], "little")
    return file[at + 2 : at + 2 + length].decode().rstrip("\0")


def talk(
    act: Callable[[Device], Answer],
    *wanted: str | tuple[str, tuple[str, ...]],
    calling: str = "DEVICE",
    called: str = "PORTAL",
    desk: Desk | None = None,
    certificate_sha256: str = "",
    **negotiation: Any,
) -> Answer:
    """Let a device act on an association while the portal serves it here; return, or raise, what the device did."""
    contexts = tuple(
        Context(number * 2 + 1, *((one, PLAIN) if isinstance(one, str) else one)) for number, one in enumerate(wanted)
    )
    request = ours(called=called, calling=calling, contexts=contexts, **negotiation)
    found: list[Answer] = []
    failed: list[BaseException] = []

    def run(connection: socket.socket) -> None:
        with Association(connection) as association:
            try:
                association.request(request)
                found.append(act(Device(association)))
                association.release()
            except BaseException as error:  # noqa: BLE001  raised where the test runs
                failed.append(error)

    with connected() as (ours_end, theirs):
        thread = threading.Thread(target=run, args=(theirs,), daemon=True)
        thread.start()
        serving.attend(
            Association(ours_end), desk or PortalDesk(), address="127.0.0.1", certificate_sha256=certificate_sha256
        )
        thread.join(20)
    if failed:
        raise failed[0]
    return found[0]


@contextmanager
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Open a connection to this process; yields both ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()) as theirs:
            end, _ = listening.accept()
            with end:
                yield end, theirs


def values(matches: Iterable[dict[str, Any]], tag: str) -> list[Any]:
    """Return the first value of an attribute in each match."""
    return [(match.get(tag, {}).get("Value") or [None])[0] for match in matches]
