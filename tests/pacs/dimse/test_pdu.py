"""The upper layer: what is written is read again, and any bytes give a value or a refusal."""

import socket
import struct
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from pacs.dimse import commands, datasets, pdu
from pacs.dimse.association import Association, value_pdu
from pacs.dimse.commands import Field
from pacs.dimse.errors import AssociationEndedError, PduError, StatusError
from pacs.dimse.pdu import Context, Negotiation
from tests.pacs.dimse.talking import CT, PLAIN, connected

uids = st.from_regex(r"\A[0-2]\.[0-9]{1,5}(\.[0-9]{1,8}){0,4}\Z")
titles = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=16)
contexts = st.builds(
    Context,
    id=st.integers(0, 127).map(lambda number: number * 2 + 1),
    abstract_syntax=uids,
    transfer_syntaxes=st.lists(uids, min_size=1, max_size=4).map(tuple),
)
negotiations = st.builds(
    Negotiation,
    called=titles,
    calling=titles,
    contexts=st.lists(contexts, max_size=5).map(tuple),
    max_length=st.integers(0, 2**32 - 1),
    window=st.integers(0, 65535),
    has_window=st.just(True),
    roles=st.dictionaries(uids, st.tuples(st.booleans(), st.booleans()), max_size=3),
    implementation_class_uid=uids,
    implementation_version=titles,
)


@given(negotiations)
def test_a_request_is_read_as_it_was_written(wanted: Negotiation) -> None:
    kind, length = pdu.HEADER.unpack_from(written := pdu.write_request(wanted))

    assert (kind, length) == (pdu.ASSOCIATE_RQ, len(written) - pdu.HEADER.size)
    assert pdu.parse_negotiation(written[pdu.HEADER.size :]) == wanted


@given(st.binary(max_size=400))
@example(b"\0" * 68)
def test_any_bytes_are_a_negotiation_or_refused(body: bytes) -> None:
    try:
        found = pdu.parse_negotiation(body)
    except PduError:
        return
    assert isinstance(found, Negotiation)


@given(negotiations, st.data())
def test_a_damaged_request_is_a_negotiation_or_refused(wanted: Negotiation, data: st.DataObject) -> None:
    body = bytearray(pdu.write_request(wanted)[pdu.HEADER.size :])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = pdu.parse_negotiation(bytes(body[: data.draw(st.integers(0, len(body)))]))
    except PduError:
        return
    assert isinstance(found, Negotiation)


@given(
    st.fixed_dictionaries(
        {"CommandField": st.integers(0, 65535), "MessageID": st.integers(0, 65535)},
        optional={"AffectedSOPInstanceUID": uids, "MoveDestination": titles, "Status": st.integers(0, 65535)},
    )
)
def test_a_command_set_is_read_as_it_was_written(command: dict[str, object]) -> None:
    assert commands.parse(commands.write(command)) == command


@given(st.binary(max_size=200))
def test_any_bytes_are_a_command_set_or_refused(data: bytes) -> None:
    try:
        found = commands.parse(data)
    except PduError:
        return
    assert "CommandField" in found


@given(st.binary(max_size=200), st.sampled_from(PLAIN))
def test_any_bytes_are_an_identifier_or_refused(data: bytes, syntax: str) -> None:
    try:
        found = datasets.decode(data, syntax)
    except StatusError:
        return
    assert isinstance(found, dict)


@pytest.mark.parametrize("syntax", PLAIN)
def test_an_identifier_is_read_as_it_was_written(syntax: str) -> None:
    step = datasets.attribute("Modality", "CT") | datasets.attribute("ScheduledProcedureStepStartDate", "20260101-")
    wanted = {
        datasets.CHARACTER_SET: datasets.UTF_8,
        **datasets.attribute("PatientName", {"Alphabetic": "Müller^Änne", "Ideographic": "山田^太郎"}),
        **datasets.attribute("StudyInstanceUID", "1.2.3", "1.2.4"),
        **datasets.attribute("AccessionNumber"),
        **datasets.attribute("NumberOfStudyRelatedSeries", 3),
        **datasets.attribute("FailureReason", 0x0112),
        **datasets.attribute("ScheduledProcedureStepSequence", step),
    }

    assert datasets.decode(datasets.encode(wanted, syntax), syntax) == dict(sorted(wanted.items()))


def test_a_list_that_no_short_length_can_hold_is_sent_without_its_representation() -> None:
    uids = [f"1.2.840.{number}" for number in range(10_000)]
    failed = datasets.attribute("FailedSOPInstanceUIDList", *uids)

    sent = datasets.encode(failed, EXPLICIT_VR_LITTLE_ENDIAN)

    value = "\\".join(uids).encode()
    value += b"\0" * (len(value) % 2)
    assert sent.endswith(struct.pack("<HH2s2xI", 0x0008, 0x0058, b"UN", len(value)) + value)


def _open_association(connection: socket.socket) -> Association:
    association = Association(connection)
    association.contexts = {1: Context(1, CT, PLAIN[:1])}
    association.is_open = True
    return association


@given(st.binary(max_size=300))
def test_any_bytes_on_an_association_end_it_or_are_a_message(data: bytes) -> None:
    with connected() as (end, theirs):
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        association = _open_association(end)
        try:
            message = association.read_message()
            if message is not None:
                message.skip_data()
        except (PduError, AssociationEndedError):
            return
        assert message is None or "CommandField" in message.command


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.binary(min_size=1, max_size=200))
def test_a_message_is_the_same_however_it_is_cut(sizes: list[int], body: bytes) -> None:
    command = {"CommandField": Field.C_STORE, "MessageID": 1, "CommandDataSetType": 1}
    raw = commands.write(command)
    pieces = [raw[at : at + sizes[0]] for at in range(0, len(raw), sizes[0])]
    sent = b"".join(value_pdu(1, 3 if at == len(pieces) - 1 else 1, piece) for at, piece in enumerate(pieces))
    blocks = [body[at : at + sizes[-1]] for at in range(0, len(body), sizes[-1])]
    sent += b"".join(value_pdu(1, 2 if at == len(blocks) - 1 else 0, block) for at, block in enumerate(blocks))
    with connected() as (end, theirs):
        thread = threading.Thread(target=theirs.sendall, args=(sent,))
        thread.start()
        message = _open_association(end).read_message()
        assert message is not None
        assert (message.command, message.read_data(1000)) == (command, body)
        thread.join()


@pytest.mark.parametrize("kind", [pdu.ASSOCIATE_RQ, pdu.ASSOCIATE_AC, pdu.RELEASE_RP, 0x08, 0xFF])
def test_what_does_not_belong_inside_an_association_ends_it(kind: int) -> None:
    with connected() as (end, theirs):
        theirs.sendall(pdu.HEADER.pack(kind, 4) + bytes(4))
        with pytest.raises(PduError, match=f"kind {kind} came inside"):
            _open_association(end).read_message()


def test_more_than_was_agreed_is_not_read() -> None:
    with connected() as (end, theirs):
        theirs.sendall(pdu.HEADER.pack(pdu.DATA_TF, 1 << 31))
        with pytest.raises(PduError, match="were agreed"):
            _open_association(end).read_message()


def command_pdu(number: int, **more: int) -> bytes:
    return value_pdu(1, 3, commands.write({"CommandField": number, "CommandDataSetType": 0x0101, **more}))


def test_a_message_that_was_cancelled_says_nothing_of_the_next_one_with_its_number() -> None:
    with connected() as (end, theirs):
        ask = command_pdu(Field.C_FIND, MessageID=1)
        theirs.sendall(ask + command_pdu(Field.C_CANCEL, MessageIDBeingRespondedTo=1) + ask)
        association = _open_association(end)
        association.read_message()
        assert association.is_cancelled(1)

        association.read_message()

        assert not association.is_cancelled(1)


def test_a_device_that_asks_on_and_on_instead_of_answering_is_hung_up_on() -> None:
    with connected() as (end, theirs):
        theirs.sendall(command_pdu(Field.C_ECHO, MessageID=1) * 1000)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(PduError, match="requests came while an answer was awaited"):
            _open_association(end).read_answer(7)
