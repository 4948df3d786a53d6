"""Protocol data units of the DICOM upper layer (PS3.8 9.3), without their transport.

Only what negotiates is turned into values here; the data of P-DATA-TF stay where they were received
(`pacs.dimse.association`).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pacs.dimse.errors import PduError

ASSOCIATE_RQ: Final = 0x01
ASSOCIATE_AC: Final = 0x02
ASSOCIATE_RJ: Final = 0x03
DATA_TF: Final = 0x04
RELEASE_RQ: Final = 0x05
RELEASE_RP: Final = 0x06
ABORT: Final = 0x07

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
HEADER: Final = struct.Struct(">BxI")
# Type, length and the flags of a presentation data value (9.3.5.1 and E.2).
VALUE_HEADER: Final = struct.Struct(">IBB")
MAX_PDU: Final = 262_144
# Some devices count what stands before a value too.
MAX_DATA: Final = MAX_PDU + 64
# What negotiates needs far less: 128 contexts with all transfer syntaxes of the standard are 300 kB.
MAX_NEGOTIATION: Final = 1 << 20
_ITEM: Final = struct.Struct(">BxH")
_FIXED: Final = struct.Struct(">HH16s16s32x")

# Results of a presentation context (table 9-18).
ACCEPTED: Final = 0
NO_ABSTRACT_SYNTAX: Final = 3
NO_TRANSFER_SYNTAX: Final = 4


@dataclass(frozen=True, slots=True)
class Context:
    """A presentation context: what is spoken, and in which encodings; `result` as in table 9-18.

    A proposal lists transfer syntaxes, an answer the one that was chosen.
    """

    id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    result: int = ACCEPTED


@dataclass(frozen=True, slots=True)
class Negotiation:
    """A-ASSOCIATE-RQ or -AC (9.3.2 and 9.3.3) with its user information (annex D, PS3.7 annex D.3.3).

    Attributes
    ----------
    max_length
        Of the P-DATA-TF that its sender takes; 0 for any.
    window
        Operations that may be outstanding, as proposed or agreed for the requestor; 1 without negotiation, 0 for any.
    roles
        By SOP class: whether the requestor is user, and whether it is provider.
    """

    called: str
    calling: str
    contexts: tuple[Context, ...]
    max_length: int = MAX_PDU
    window: int = 1
    has_window: bool = False
    roles: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    implementation_class_uid: str = ""
    implementation_version: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A-ASSOCIATE-RJ (9.3.4): result 1 for good, 2 for now; source and reason as in table 9-21."""

    result: int
    source: int
    reason: int


CALLED_UNKNOWN: Final = Rejection(1, 1, 7)
CALLING_UNKNOWN: Final = Rejection(1, 1, 3)
NO_REASON: Final = Rejection(1, 1, 1)
CONTEXT_UNKNOWN: Final = Rejection(1, 1, 2)
TOO_MANY: Final = Rejection(2, 3, 2)
NOT_NOW: Final = Rejection(2, 3, 1)


def parse_negotiation(body: bytes) -> Negotiation:
    """Read the variable part of A-ASSOCIATE-RQ or -AC.

    Raises
    ------
    PduError
        If lengths do not fit, or the application context is not DICOM's.
    """
    if len(body) < _FIXED.size:
        raise PduError("An association request has {size} bytes, fewer than its fixed fields.", size=len(body))
    _version, _reserved, called, calling = _FIXED.unpack_from(body)
    context_name, contexts, user = "", [], b""
    for kind, value in _items(body[_FIXED.size :]):
        if kind == 0x10:
            context_name = _uid(value)
        elif kind in {0x20, 0x21}:
            contexts.append(_context(kind, value))
        elif kind == 0x50:
            user = value
    if context_name != APPLICATION_CONTEXT:
        raise PduError("The application context is not that of DICOM.")
    return Negotiation(called=_title(called), calling=_title(calling), contexts=tuple(contexts), **_user(user))  # type: ignore[arg-type]  # by name


def _context(kind: int, value: bytes) -> Context:
    if len(value) < 4:
        raise PduError("A presentation context has {size} bytes.", size=len(value))
    abstract, transfer = "", []
    for inner, text in _items(value[4:]):
        if inner == 0x30:
            abstract = _uid(text)
        elif inner == 0x40:
            transfer.append(_uid(text))
    if not value[0] % 2:
        raise PduError("A presentation context has the even number {number}.", number=value[0])
    return Context(value[0], abstract, tuple(transfer), value[2] if kind == 0x21 else ACCEPTED)


def _user(value: bytes) -> dict[str, object]:
    """Read the user information; what is not listed here changes nothing for us."""
    found: dict[str, object] = {"max_length": 0, "roles": {}}
    roles: dict[str, tuple[bool, bool]] = {}
    for kind, item in _items(value):
        if kind == 0x51 and len(item) == 4:
            found["max_length"] = int.from_bytes(item, "big")
        elif kind == 0x52:
            found["implementation_class_uid"] = _uid(item)
        elif kind == 0x53 and len(item) == 4:
            found |= {"window": int.from_bytes(item[:2], "big"), "has_window": True}
        elif kind == 0x54:
            roles |= _role(item)
        elif kind == 0x55:
            found["implementation_version"] = item[:16].decode("ascii", "replace").strip()
    return {**found, "roles": roles}


def _role(item: bytes) -> dict[str, tuple[bool, bool]]:
    length = int.from_bytes(item[:2], "big")
    if len(item) != length + 4:
        raise PduError("A role selection has {size} bytes instead of {wanted}.", size=len(item), wanted=length + 4)
    return {_uid(item[2 : 2 + length]): (item[-2] == 1, item[-1] == 1)}


def _items(value: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(value):
        if at + _ITEM.size > len(value):
            raise PduError("An item of the association ends inside its header.")
        kind, length = _ITEM.unpack_from(value, at)
        at += _ITEM.size
        if at + length > len(value):
            raise PduError("Item {kind} is longer than what holds it.", kind=f"{kind:02X}H")
        yield kind, value[at : at + length]
        at += length


def _uid(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode("ascii", "replace")[:64]


def _title(value: bytes) -> str:
    return value.decode("ascii", "replace").strip(" \0")


# --- writing ----------------------------------------------------------------------------------------------------------


def write_request(negotiation: Negotiation) -> bytes:
    """Write A-ASSOCIATE-RQ."""
    contexts = b"".join(
        _item(
            0x20,
            bytes((context.id, 0, 0, 0))
            + _item(0x30, context.abstract_syntax.encode())
            + b"".join(_item(0x40, uid.encode()) for uid in context.transfer_syntaxes),
        )
        for context in negotiation.contexts
    )
    return _associate(ASSOCIATE_RQ, negotiation, contexts)


def write_accept(negotiation: Negotiation) -> bytes:
    """Write A-ASSOCIATE-AC; refused contexts are named with one transfer syntax, which means nothing (9.3.3.2)."""
    contexts = b"".join(
        _item(0x21, bytes((context.id, 0, context.result, 0)) + _item(0x40, _first(context).encode()))
        for context in negotiation.contexts
    )
    return _associate(ASSOCIATE_AC, negotiation, contexts)


def _first(context: Context) -> str:
    return context.transfer_syntaxes[0] if context.transfer_syntaxes else "1.2.840.10008.1.2"


def _associate(kind: int, negotiation: Negotiation, contexts: bytes) -> bytes:
    user = (
        _item(0x51, negotiation.max_length.to_bytes(4, "big"))
        + _item(0x52, negotiation.implementation_class_uid.encode())
        + (_item(0x53, struct.pack(">HH", negotiation.window, 1)) if negotiation.has_window else b"")
        + b"".join(_item(0x54, _role_item(uid, role)) for uid, role in negotiation.roles.items())
        + _item(0x55, negotiation.implementation_version.encode())
    )
    body = (
        _FIXED.pack(1, 0, _padded(negotiation.called), _padded(negotiation.calling))
        + _item(0x10, APPLICATION_CONTEXT.encode())
        + contexts
        + _item(0x50, user)
    )
    return HEADER.pack(kind, len(body)) + body


def _role_item(uid: str, role: tuple[bool, bool]) -> bytes:
    return struct.pack(">H", len(uid)) + uid.encode() + bytes(role)


def _padded(title: str) -> bytes:
    return title.encode("ascii", "replace")[:16].ljust(16)


def _item(kind: int, value: bytes) -> bytes:
    return _ITEM.pack(kind, len(value)) + value


def write_rejection(rejection: Rejection) -> bytes:
    """Write A-ASSOCIATE-RJ."""
    return HEADER.pack(ASSOCIATE_RJ, 4) + bytes((0, rejection.result, rejection.source, rejection.reason))


def write_release(kind: int) -> bytes:
    """Write A-RELEASE-RQ or -RP."""
    return HEADER.pack(kind, 4) + bytes(4)


def write_abort(*, is_provider: bool = False, reason: int = 0) -> bytes:
    """Write A-ABORT (9.3.8)."""
    return HEADER.pack(ABORT, 4) + bytes((0, 0, 2 if is_provider else 0, reason))
