"""The gateway: acknowledged when it is on the disk, gone from it when the portal has it, whatever happens between."""

import errno
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import StorageFullError
from pacs.dicom.file_meta import data_set_offset
from pacs.dimse.commands import Field, Status
from pacs.dimse.errors import AssociationRefusedError
from pacs.dimse.gateway import running, spool
from pacs.dimse.gateway.desk import GatewayDesk
from pacs.dimse.gateway.errors import GatewayTermsError, SpoolError
from pacs.dimse.gateway.forwarding import Forwarder, take
from pacs.dimse.gateway.portal import Answer, PortalEnd, Verdict, judge
from pacs.dimse.gateway.spool import Entry, Spool, plain_size
from pacs.dimse.negotiation import VERIFICATION
from tests.factories.cast import make_tenant
from tests.factories.damage import change_last_byte
from tests.factories.studies import make_dicom, store
from tests.pacs.dimse.talking import CT, talk, uid_of

pytestmark = pytest.mark.req("BR-13")
KEY = bytes(range(32))


@pytest.fixture
def queue(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", KEY)


@given(size=st.sampled_from([0, 1, 65_535, 65_536, 65_537, 131_072, 200_001]), block=st.integers(1, 70_000))
def test_an_object_comes_out_of_the_spool_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, size: int, block: int
) -> None:
    queue = Spool(tmp_path_factory.mktemp("spool"), KEY)
    data = bytes(number % 251 for number in range(size))

    queue.put(data[at : at + block] for at in range(0, size, block))

    (entry,) = queue.entries()
    assert b"".join(queue.read(entry)) == data
    assert plain_size(entry.size_bytes) == size
    assert size < 16 or data[:16] not in entry.path.read_bytes()


@pytest.mark.parametrize("change", ["flip", "cut", "swap", "head"])
def test_a_damaged_file_is_no_object(queue: Spool, change: str) -> None:
    path = queue.put([bytes(200_000)])
    raw = bytearray(path.read_bytes())
    segment = spool.SEGMENT + spool.TAG
    if change == "flip":
        raw[100] ^= 1
    elif change == "cut":
        raw = raw[: 20 + 2 * segment]
    elif change == "swap":
        raw[20 : 20 + segment], raw[20 + segment : 20 + 2 * segment] = (
            raw[20 + segment : 20 + 2 * segment],
            raw[20 : 20 + segment],
        )
    else:
        raw[:4] = b"XXXX"
    path.write_bytes(raw)

    with pytest.raises(SpoolError):
        b"".join(queue.read(queue.entries()[0]))


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "spool.key"

    assert spool.read_key(path) == spool.read_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(SpoolError):
        spool.read_key(path)


def test_an_object_that_was_half_written_is_gone_after_a_restart(queue: Spool) -> None:
    (queue.folder / "x.obj.part").write_bytes(b"half")

    assert Spool(queue.folder, KEY).entries() == []
    assert list(queue.folder.glob("*.part")) == []


def test_a_disk_that_is_nearly_full_takes_nothing_more(queue: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pacs.dimse.gateway.spool.free_bytes", lambda _: 1000)

    with pytest.raises(StorageFullError):
        queue.put([b"x"])
    assert queue.entries() == []


# --- the device's side ------------------------------------------------------------------------------------------------


def desk_of(queue: Spool) -> GatewayDesk:
    return GatewayDesk(queue, "PORTAL", frozenset({"DEVICE"}), threading.Event())


def test_a_device_stores_into_the_spool(queue: Spool) -> None:
    file, desk = make_dicom("spooled"), desk_of(queue)

    answers = talk(
        lambda device: [device.ask(VERIFICATION, Field.C_ECHO)["Status"], device.store(file)["Status"]],
        VERIFICATION,
        CT,
        desk=desk,
    )

    assert answers == [0, 0]
    kept = b"".join(queue.read(queue.entries()[0]))
    assert kept[data_set_offset(kept) :] == file[data_set_offset(file) :]
    assert desk.wake.is_set()


def test_a_spool_that_is_full_is_told_to_the_device(queue: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pacs.dimse.gateway.spool.free_bytes", lambda _: 1000)

    answer = talk(lambda device: device.store(make_dicom("full")), CT, desk=desk_of(queue))

    assert answer["Status"] == Status.OUT_OF_RESOURCES


@pytest.mark.parametrize(("calling", "called"), [("STRANGER", "PORTAL"), ("DEVICE", "OTHER")])
def test_a_gateway_lets_in_whom_it_was_told_and_nobody_else(queue: Spool, calling: str, called: str) -> None:
    with pytest.raises(AssociationRefusedError):
        talk(lambda _: None, CT, desk=desk_of(queue), calling=calling, called=called)


def test_a_gateway_offers_no_query(queue: Spool) -> None:
    root = "1.2.840.10008.5.1.4.1.2.2.1"

    assert talk(lambda device: len(device.association.contexts), root, desk=desk_of(queue)) == 0


# --- the portal's side ------------------------------------------------------------------------------------------------


class _Portal(http.server.BaseHTTPRequestHandler):
    """Answers as it is told, and keeps the requests."""

    script: list[tuple[int, dict[str, Any]]]
    bodies: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(body)
        count = body.count(b"Content-Type: application/dicom")
        status, answer = self.script.pop(0) if self.script else (200, kept(count))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def portal() -> Iterator[tuple[type[_Portal], PortalEnd]]:
    handler = type("Handler", (_Portal,), {"script": [], "bodies": []})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield handler, PortalEnd(f"http://127.0.0.1:{server.server_port}/dicom-web", "token")
        server.shutdown()
        thread.join()


def failed(number: int, reason: int = 0xC000, words: str = "no") -> dict[str, Any]:
    return {
        "00081197": {"vr": "US", "Value": [reason]},
        "00000902": {"vr": "LO", "Value": [f"part {number}: {words}"]},
    }


def kept(count: int) -> dict[str, Any]:
    return {"00081199": {"vr": "SQ", "Value": [{}] * count}}


def refusals(*items: dict[str, Any]) -> dict[str, Any]:
    return {"00081198": {"vr": "SQ", "Value": list(items)}}


def test_what_the_portal_has_leaves_the_spool(queue: Spool, portal: tuple[type[_Portal], PortalEnd]) -> None:
    handler, end = portal
    for number in range(3):
        queue.put([f"object {number}".encode()])

    assert Forwarder(queue, end).forward(queue.entries())

    assert queue.entries() == []
    assert handler.bodies[0].count(b"Content-Type: application/dicom") == 3
    assert handler.bodies[0].index(b"object 0") < handler.bodies[0].index(b"object 2")


def test_what_the_portal_refuses_is_set_aside_with_its_reason(
    queue: Spool, portal: tuple[type[_Portal], PortalEnd]
) -> None:
    handler, end = portal
    handler.script = [(202, refusals(failed(2, words="no image at all")))]
    for number in range(3):
        queue.put([str(number).encode()])
    second = queue.entries()[1]

    assert Forwarder(queue, end).forward(queue.entries())

    assert (queue.entries(), queue.count_refused()) == ([], 1)
    assert (queue.refused / f"{second.path.stem}.txt").read_text() == "no image at all\n"


@pytest.mark.parametrize("status", [500, 503, 507, 429, 401, 403])
def test_what_is_not_the_objects_fault_waits(
    queue: Spool, portal: tuple[type[_Portal], PortalEnd], status: int
) -> None:
    handler, end = portal
    handler.script = [(status, {})]
    queue.put([b"x"])

    assert not Forwarder(queue, end).forward(queue.entries())
    assert len(queue.entries()) == 1
    assert Forwarder(queue, end).forward(queue.entries())


@pytest.mark.parametrize("body", [b"", b"<html>Welcome</html>", b"{}", b"[]", b'{"00081199": 1}', b'{"00081199": {}}'])
def test_an_answer_that_names_nothing_stored_keeps_what_was_sent(body: bytes) -> None:
    assert judge(200, body, 2) == [Verdict(Answer.AGAIN)] * 2


def test_an_answer_that_names_fewer_than_were_sent_keeps_them() -> None:
    assert judge(200, json.dumps(kept(1)).encode(), 2) == [Verdict(Answer.AGAIN)] * 2


def test_a_file_that_the_disk_cannot_read_does_not_hold_up_the_others(
    queue: Spool, portal: tuple[type[_Portal], PortalEnd]
) -> None:
    unreadable = queue.put([b"unreadable"])
    queue.put([b"good"])
    unreadable.unlink()
    unreadable.mkdir()

    assert Forwarder(queue, portal[1]).forward(queue.entries())
    assert (queue.entries(), queue.count_refused()) == ([], 1)


def test_a_line_that_is_down_loses_nothing(queue: Spool) -> None:
    queue.put([b"x"])
    end = PortalEnd("http://127.0.0.1:1/dicom-web", "token")

    assert not Forwarder(queue, end).forward(queue.entries())
    assert "the portal cannot be reached" in running.describe(queue.folder)
    assert "waiting: 1 objects" in running.describe(queue.folder)


def test_a_disk_that_takes_nothing_does_not_end_the_forwarding(
    queue: Spool, portal: tuple[type[_Portal], PortalEnd], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, end = portal
    handler.script = [(503, {}), (202, refusals(failed(1))), (503, {})]
    forwarder = Forwarder(queue, end, _wait_s=0.01)
    queue.put([b"x"])
    queue.put([b"y"])
    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", no_room)
        thread = forwarder.start()
        wait_until(lambda: len(handler.bodies) == 3)

    wait_until(lambda: not queue.entries())
    forwarder.stop()
    thread.join(10)
    assert queue.count_refused() == 0


def no_room(*_: Any, **__: Any) -> int:
    raise OSError(errno.ENOSPC, "no space left on device")


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_damaged_file_does_not_hold_up_the_others(queue: Spool, portal: tuple[type[_Portal], PortalEnd]) -> None:
    damaged = queue.put([b"damaged"])
    queue.put([b"good"])
    change_last_byte(damaged)

    assert Forwarder(queue, portal[1]).forward(queue.entries())
    assert (queue.entries(), queue.count_refused()) == ([], 1)


def test_a_request_that_is_refused_as_a_whole_is_sent_one_by_one(
    queue: Spool, portal: tuple[type[_Portal], PortalEnd]
) -> None:
    handler, end = portal
    handler.script = [(400, {}), (200, kept(1)), (400, {})]
    for _ in range(2):
        queue.put([b"x"])

    assert Forwarder(queue, end).forward(queue.entries())
    assert (queue.entries(), queue.count_refused(), len(handler.bodies)) == ([], 1, 3)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusals(failed(1)), [Answer.REFUSED, Answer.STORED]),
        (refusals(failed(2, 0xA700)), [Answer.STORED, Answer.AGAIN]),
        ({"00081199": {"vr": "SQ"}}, [Answer.ALONE, Answer.ALONE]),
        ({"00081198": {"Value": [{}]}}, [Answer.ALONE, Answer.ALONE]),
        ([], [Answer.ALONE, Answer.ALONE]),
    ],
)
def test_each_object_has_its_verdict_or_is_asked_for_alone(answer: Any, expected: list[Answer]) -> None:
    assert [one.answer for one in judge(202, json.dumps(answer).encode(), 2)] == expected


@given(st.binary(max_size=100), st.sampled_from([202, 409]))
def test_any_answer_gives_every_object_a_verdict(body: bytes, status: int) -> None:
    assert len(judge(status, body, 3)) == 3


@pytest.mark.django_db
def test_an_object_beyond_the_limits_is_not_sent_again_for_ever() -> None:
    """A gateway sends the oldest objects first: fifty such ones would hold up all that come after them."""
    (verdict,) = store(make_tenant().id, [make_dicom("endless", NumberOfFrames=100_000_000)])

    answer = refusals(failed(1, verdict.failure_reason))

    assert (verdict.reason, judge(409, json.dumps(answer).encode(), 1)[0].answer) == ("limit-exceeded", Answer.REFUSED)


def test_a_request_is_bounded_and_never_empty() -> None:
    large, small = Entry(Path("a"), 1 << 30), Entry(Path("b"), 10)

    assert take([large, small]) == [large]
    assert take([small] * 80) == [small] * 50


# --- the command line -------------------------------------------------------------------------------------------------


def options(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    given_options = {
        "forward": "https://images.example.org/dicom-web",
        "token": "t",
        "forward_authorities": None,
        "spool": tmp_path / "spool",
        "spool_key": None,
        "ae_title": "GATEWAY",
        "allow_ae": ["DEVICE"],
    }
    return {**given_options, **changes}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"forward": "http://images.example.org/dicom-web"}, "--forward is an address like"),
        ({"forward": "images.example.org"}, "--forward is an address like"),
        ({"token": ""}, "--token is missing"),
        ({"token": "@/nowhere"}, "cannot be read"),
        ({"allow_ae": []}, "--allow-ae"),
    ],
)
def test_a_gateway_that_would_not_be_safe_does_not_start(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(GatewayTermsError, match=message), running.opened(options(tmp_path, **change)):
        raise AssertionError("it started")


def test_the_key_does_not_lie_in_the_spool_and_a_spool_has_one_gateway(tmp_path: Path) -> None:
    inside = options(tmp_path, spool_key=tmp_path / "spool" / "key")
    with pytest.raises(GatewayTermsError, match="inside the spool"), running.opened(inside):
        raise AssertionError("it started")
    second = pytest.raises(GatewayTermsError, match="Another gateway")
    with running.opened(options(tmp_path)), second, running.opened(options(tmp_path)):
        raise AssertionError("it started")


def test_objects_keep_their_uids_through_the_gateway(queue: Spool) -> None:
    file = make_dicom("uids")
    talk(lambda device: device.store(file), CT, desk=desk_of(queue))

    kept = b"".join(queue.read(queue.entries()[0]))
    assert uid_of(kept) == uid_of(file)
