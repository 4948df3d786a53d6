"""Command sets (PS3.7 6.3 and annex E): group 0000 in implicit little endian, as a dict by keyword."""

import struct
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from pacs.dimse.errors import PduError

Command = dict[str, Any]
MAX_COMMAND: Final = 65_536
NO_DATA_SET: Final = 0x0101
_HEADER: Final = struct.Struct("<HHI")


class Field(IntEnum):
    """Values of (0000,0100) Command Field (table E.1-1); the answer to each has the highest bit set."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    C_CANCEL = 0x0FFF


RESPONSE: Final = 0x8000


class Status:
    """Values of (0000,0900) Status that are used here (PS3.7 annex C, PS3.4 B.2.3, C.4, F.7, J.3)."""

    SUCCESS = 0x0000
    PENDING = 0xFF00
    # Some of the optional keys are not matched (PS3.4 C.4.1.1.4).
    PENDING_WITH_WARNING = 0xFF01
    CANCELLED = 0xFE00
    COERCED = 0xB000
    SOME_FAILED = 0xB000
    NO_SUCH_ATTRIBUTE = 0x0105
    INVALID_ATTRIBUTE = 0x0106
    PROCESSING_FAILURE = 0x0110
    DUPLICATE_INSTANCE = 0x0111
    NO_SUCH_INSTANCE = 0x0112
    NO_SUCH_ACTION = 0x0123
    MISSING_ATTRIBUTE = 0x0120
    CLASS_NOT_SUPPORTED = 0x0122
    NOT_AUTHORISED = 0x0124
    UNRECOGNISED = 0x0211
    OUT_OF_RESOURCES = 0xA700
    CANNOT_COUNT_MATCHES = 0xA701
    CANNOT_MOVE = 0xA702
    DESTINATION_UNKNOWN = 0xA801
    DATA_SET_MISMATCH = 0xA900
    CANNOT_UNDERSTAND = 0xC000


# Table E.1-1 and E.2: element and value representation of what is read and written.
_ELEMENTS: Final = {
    "AffectedSOPClassUID": (0x0002, "UI"),
    "RequestedSOPClassUID": (0x0003, "UI"),
    "CommandField": (0x0100, "US"),
    "MessageID": (0x0110, "US"),
    "MessageIDBeingRespondedTo": (0x0120, "US"),
    "MoveDestination": (0x0600, "AE"),
    "Priority": (0x0700, "US"),
    "CommandDataSetType": (0x0800, "US"),
    "Status": (0x0900, "US"),
    "ErrorComment": (0x0902, "LO"),
    "AffectedSOPInstanceUID": (0x1000, "UI"),
    "RequestedSOPInstanceUID": (0x1001, "UI"),
    "EventTypeID": (0x1002, "US"),
    "ActionTypeID": (0x1008, "US"),
    "NumberOfRemainingSuboperations": (0x1020, "US"),
    "NumberOfCompletedSuboperations": (0x1021, "US"),
    "NumberOfFailedSuboperations": (0x1022, "US"),
    "NumberOfWarningSuboperations": (0x1023, "US"),
    "MoveOriginatorApplicationEntityTitle": (0x1030, "AE"),
    "MoveOriginatorMessageID": (0x1031, "US"),
}
_BY_NUMBER: Final = {number: (keyword, vr) for keyword, (number, vr) in _ELEMENTS.items()}


def parse(data: bytes) -> Command:
    """Read a command set; elements that are not used here are passed over.

    Raises
    ------
    PduError
        If it is no command set, or lacks (0000,0100) Command Field.
    """
    command: Command = {}
    at = 0
    while at < len(data):
        if at + _HEADER.size > len(data):
            raise PduError("A command set ends inside an element at {offset}.", offset=at)
        group, element, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        if group or at + length > len(data):
            raise PduError("A command set has an element that does not belong there at {offset}.", offset=at)
        known = _BY_NUMBER.get(element)
        if known is not None:
            command[known[0]] = _read(known[1], data[at : at + length])
        at += length
    if "CommandField" not in command:
        raise PduError("A command set has no Command Field.")
    return command


def _read(vr: str, value: bytes) -> Any:
    if vr != "US":
        return value.decode("ascii", "replace").strip(" \0")
    if len(value) != 2:
        raise PduError("A number of a command set has {size} bytes instead of 2.", size=len(value))
    return int.from_bytes(value, "little")


def write(command: Mapping[str, Any]) -> bytes:
    """Write a command set with its group length, elements in the order of their tags."""
    body = b"".join(
        _element(_ELEMENTS[keyword][0], _ELEMENTS[keyword][1], value)
        for keyword, value in sorted(command.items(), key=lambda item: _ELEMENTS[item[0]][0])
    )
    return _HEADER.pack(0, 0, 4) + len(body).to_bytes(4, "little") + body


def _element(number: int, vr: str, value: Any) -> bytes:
    if vr == "US":
        raw = int(value).to_bytes(2, "little")
    else:
        raw = str(value).encode("ascii", "replace")
        raw += (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)
    return _HEADER.pack(0, number, len(raw)) + raw


def has_data_set(command: Command) -> bool:
    """Say whether a data set follows."""
    return bool(command.get("CommandDataSetType", NO_DATA_SET) != NO_DATA_SET)


def response_to(command: Command, status: int, *, has_data: bool = False, comment: str = "", **more: Any) -> Command:
    """Return the command set of an answer (PS3.7 9.3 and 10.3)."""
    number = command["CommandField"]
    is_normalised = 0x0100 <= number < 0x0FFF
    answer: Command = {
        "CommandField": number | RESPONSE,
        "MessageIDBeingRespondedTo": command.get("MessageID", 0),
        "CommandDataSetType": 0x0001 if has_data else NO_DATA_SET,
        "Status": status,
    }
    sop_class = command.get("AffectedSOPClassUID") or command.get("RequestedSOPClassUID")
    if sop_class:
        answer["AffectedSOPClassUID"] = sop_class
    instance = command.get("AffectedSOPInstanceUID") or command.get("RequestedSOPInstanceUID")
    if instance and (is_normalised or number == Field.C_STORE):
        answer["AffectedSOPInstanceUID"] = instance
    if "ActionTypeID" in command:
        answer["ActionTypeID"] = command["ActionTypeID"]
    if "EventTypeID" in command:
        answer["EventTypeID"] = command["EventTypeID"]
    if comment:
        answer["ErrorComment"] = comment[:64]
    return answer | more
