"""The measuring itself: what it sends, what it believes, what it says."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from pacs.dicom.scan import Scanner
from tooling.bench import bare, checks, report
from tooling.bench.client import Answer, AnswerError, Connection
from tooling.bench.course import COURSE
from tooling.bench.metrics import METRICS, Metric, Scale
from tooling.bench.processes import Usage
from tooling.bench.queries import PAGE, PATIENT_NAME, Query, all_queries
from tooling.bench.studies import BOUNDARY, FRAME_BYTES, Study, body_of, gathered, make_cbct, make_tiny, relabelled

Serve = Callable[[bytes], Connection]


@pytest.fixture(scope="module")
def study() -> Study:
    return make_cbct(slices=2)


@pytest.fixture
def hang_ups() -> threading.Semaphore:
    """Count how often the server has hung up."""
    return threading.Semaphore(0)


@pytest.fixture
def answering(hang_ups: threading.Semaphore) -> Iterator[Serve]:
    """Give a connection to a server that sends the same bytes to each caller and hangs up."""
    opened: list[socket.socket | Connection] = []

    def serve(content: bytes) -> Connection:
        listener = socket.create_server(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                with link:
                    link.recv(65536)
                    link.sendall(content)
                hang_ups.release()

        threading.Thread(target=answer, daemon=True).start()
        connection = Connection(listener.getsockname()[1], {}, timeout_s=5)
        opened.extend((listener, connection))
        return connection

    yield serve
    for one in opened:
        one.close()


def _answer(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, memoryview(body), 0.0, 0.0)


def test_an_answer_of_announced_size_is_received(answering: Serve) -> None:
    answer = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello").get("/")

    assert (answer.status, bytes(answer.body), answer.headers["x-a"]) == (200, b"hello", "b")


def test_chunks_are_joined(answering: Serve) -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\n\r\n"
    )

    assert bytes(answering(chunked).get("/").body) == b"hello world"


def test_an_answer_of_unknown_size_ends_when_the_server_closes(answering: Serve) -> None:
    assert bytes(answering(b"HTTP/1.1 200 OK\r\n\r\nuntil the end").get("/").body) == b"until the end"


def test_an_answer_without_content_has_an_empty_body(answering: Serve) -> None:
    assert bytes(answering(b"HTTP/1.1 204 No Content\r\n\r\n").get("/").body) == b""


def test_an_answer_to_head_has_no_body_whatever_size_it_names(answering: Serve) -> None:
    answer = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").request("HEAD", "/", {})

    assert (bytes(answer.body), answer.headers["content-length"]) == (b"", "5")


def test_a_connection_that_the_server_closed_is_opened_again(answering: Serve, hang_ups: threading.Semaphore) -> None:
    connection = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
    connection.get("/")
    assert hang_ups.acquire(timeout=5)

    assert bytes(connection.get("/").body) == b"a"


def test_an_answer_that_breaks_off_is_an_error(answering: Serve) -> None:
    with pytest.raises(AnswerError, match="closed the connection"):
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel").get("/")


def test_a_slice_is_a_dicom_file_with_pixels_that_differ_from_its_neighbours(study: Study) -> None:
    first, second = study.slices
    scanner = Scanner()
    scanner.feed(first.head + bytes(first.pixels))

    head = scanner.finish().head

    assert head.sop_instance_uid == first.sop_instance_uid
    assert head.study_instance_uid == study.study_instance_uid
    assert not np.array_equal(np.frombuffer(first.pixels, np.uint16), np.frombuffer(second.pixels, np.uint16))


def test_a_slice_does_not_compress_to_nothing(study: Study) -> None:
    assert len(gzip.compress(study.slices[0].pixels, 6)) > FRAME_BYTES / 3


def test_a_relabelled_study_is_another_study_of_another_patient_with_the_same_pixels(study: Study) -> None:
    other = relabelled(study, 7)
    scanner = Scanner()
    scanner.feed(other.slices[1].head + bytes(other.slices[1].pixels))

    head = scanner.finish().head

    assert head.study_instance_uid == other.study_instance_uid != study.study_instance_uid
    assert head.series_instance_uid == other.series_instance_uid != study.series_instance_uid
    assert head.sop_instance_uid == other.slices[1].sop_instance_uid != study.slices[1].sop_instance_uid
    assert head.json["00100020"]["Value"] == [other.patient_id] != [study.patient_id]
    assert other.size == study.size


def test_a_relabelled_study_can_be_relabelled_again(study: Study) -> None:
    assert relabelled(relabelled(study, 7), 8).hashes == relabelled(study, 8).hashes


def test_a_body_has_one_part_for_each_slice_and_the_announced_length(study: Study) -> None:
    pieces, length = body_of(study.slices)

    body = b"".join(pieces)

    assert len(body) == length
    assert body.count(f"--{BOUNDARY}\r\n".encode()) == len(study.slices)
    assert body.endswith(f"--{BOUNDARY}--\r\n".encode())


def test_tiny_studies_are_found_by_their_queries() -> None:
    tiny = make_tiny(300)
    by_metric = {query.metric: query for query in all_queries(tiny)}
    named = [one for one in tiny if one.patient_name.startswith(by_metric["qido_name"].prefix)]

    assert len({one.study_instance_uid for one in tiny}) == 300
    assert len(named) >= by_metric["qido_name"].count
    months = {query.prefix for query in all_queries(tiny) if query.metric == "qido_date"}
    assert months == {f"2026{month:02d}" for month in range(1, 10)}
    assert "ModalitiesInStudy=CT&limit=25" in by_metric["qido_modality"].parameters
    assert by_metric["qido_page"].count == PAGE


def test_stored_instances_are_counted() -> None:
    checks.require_stored(_answer(b'{"00081199": {"vr": "SQ", "Value": [{}, {}]}}'), 2)


@pytest.mark.parametrize(
    "body",
    [
        b'{"00081199": {"vr": "SQ", "Value": [{}]}}',
        b'{"00081199": {"vr": "SQ", "Value": [{}, {}]}, "00081198": {"vr": "SQ", "Value": [{}]}}',
    ],
)
def test_an_instance_that_was_not_stored_ends_the_run(body: bytes) -> None:
    with pytest.raises(checks.WrongAnswerError, match="of 2 instances stored"):
        checks.require_stored(_answer(body), 2)


def test_one_wrong_pixel_ends_the_run(study: Study) -> None:
    pixels = bytearray(study.slices[0].pixels)
    checks.require_frame(_answer(b"--b\r\n\r\n" + pixels + b"\r\n--b--"), study.slices[0])
    pixels[-1] ^= 1

    with pytest.raises(checks.WrongAnswerError, match="pixels"):
        checks.require_frame(_answer(b"--b\r\n\r\n" + pixels + b"\r\n--b--"), study.slices[0])


def test_metadata_of_another_instance_end_the_run(study: Study) -> None:
    items = [{"00080018": {"Value": [uid]}} for uid in study.sop_instance_uids]
    checks.require_metadata(_answer(gzip.compress(json.dumps(items).encode()), content_encoding="gzip"), study)

    with pytest.raises(checks.WrongAnswerError, match="metadata of 1 instances"):
        checks.require_metadata(_answer(json.dumps(items[:1]).encode()), study)


def test_a_series_with_a_changed_header_ends_the_run(study: Study) -> None:
    files = [one.head + bytes(one.pixels) for one in study.slices]
    body = b"".join(b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + file for file in files) + b"\r\n--b--"
    content_type = 'multipart/related; type="application/dicom"; boundary=b'
    checks.require_series(_answer(body, content_type=content_type), study)

    with pytest.raises(checks.WrongAnswerError, match="other bytes"):
        checks.require_series(_answer(body.replace(b"BENCH-", b"BUNCH-"), content_type=content_type), study)


def test_a_zip_that_lacks_a_file_ends_the_run(study: Study) -> None:
    checks.require_zip(_answer(bare.zipped(study)), study)

    with pytest.raises(checks.WrongAnswerError, match="ZIP"):
        checks.require_zip(_answer(bare.zipped(replace(study, slices=study.slices[:1]))), study)


@pytest.mark.parametrize("names", [["Abel^Ada"], ["Abel^Ada", "Engel^Eva"]])
def test_a_search_that_finds_too_little_or_others_ends_the_run(names: list[str]) -> None:
    query = Query("qido_name", "PatientName=Abel*", 2, PATIENT_NAME, "Abel")
    items = [{PATIENT_NAME: {"vr": "PN", "Value": [{"Alphabetic": name}]}} for name in names]

    with pytest.raises(checks.WrongAnswerError, match="qido_name"):
        checks.require_found(_answer(json.dumps(items).encode()), query)


def test_a_refusal_ends_the_run(study: Study) -> None:
    with pytest.raises(checks.WrongAnswerError, match="503"):
        checks.require_zip(_answer(b"busy", status=503), study)


def test_a_ratio_above_one_is_better_for_rates_and_for_times() -> None:
    rate, latency = Metric("a", "a", "MB/s", is_rate=True), Metric("b", "b", "ms")

    assert rate.ratio(200, 100) == 2
    assert latency.ratio(1, 2) == 2


def test_the_anchor_moves_with_the_limit_of_this_machine() -> None:
    rate = Metric("a", "a", "MB/s", is_rate=True, anchor=100, scale=Scale.DISK)
    latency = Metric("b", "b", "ms", anchor=10)
    half = {"sha256": 1100.0, "files_fsynced": 800.0}

    assert rate.anchor_here(half) == 50
    assert latency.anchor_here(half) == 20


def test_memory_is_the_same_on_every_machine() -> None:
    memory = Metric("a", "a", "MB", anchor=780, scale=None)

    assert memory.anchor_here({"sha256": 1100.0, "files_fsynced": 800.0}) == 780


def _run(sqlite: dict[str, list[float]], peer: dict[str, list[float]]) -> report.Run:
    return report.Run(
        at="2026-10-02 12:00 UTC",
        commit="0123456789ab",
        machine={"cores": 2},
        titles={"bare": "bare", "orthanc": "Orthanc 1.10.1", "sqlite": "Bitewing on SQLite"},
        limits={"sha256": 2200.0, "files_fsynced": 1600.0},
        figures={"bare": {}, "orthanc": peer, "sqlite": sqlite},
        usage={name: {"store_one": Usage(wall_s=10, others_s=1)} for name in ("bare", "orthanc", "sqlite")},
    )


def test_what_is_under_the_must_is_said_with_both_peers() -> None:
    lines = list(report.shortfalls(_run({"stow_one": [100.0, 80.0, 90.0]}, {"stow_one": [100.0]})))

    assert lines == [
        "STOW-RS, one request, Bitewing on SQLite: 0.90 x Orthanc 1.10.1; 1 x is asked",
        "STOW-RS, one request, Bitewing on SQLite: 0.56 x Orthanc 1.13 carried here; 1 x is asked",
    ]


def test_c_store_is_held_to_the_peer_of_the_same_run_alone() -> None:
    run = _run({"cstore_1": [95.0], "cstore_4": [80.0]}, {"cstore_1": [100.0], "cstore_4": [100.0]})

    assert list(report.shortfalls(run)) == [
        "C-STORE, 4 associations, Bitewing on SQLite: 0.80 x Orthanc 1.10.1; 0.9 x is asked"
    ]
    assert report.as_json(run)["ratios"]["cstore_4"]["sqlite/orthanc-1.13"] is not None


def test_a_bound_of_its_own_is_held() -> None:
    lines = list(report.shortfalls(_run({"qido_uid": [4.0], "qido_patient": [2.0]}, {})))

    assert lines == ["QIDO by StudyInstanceUID, Bitewing on SQLite: 4 ms, at most 3 ms is asked"]


def test_the_viewer_is_held_to_its_seconds_and_stands_beside_what_was_measured_elsewhere() -> None:
    run = _run({"viewer_planes": [0.9], "viewer_full": [9.0], "viewer_phone": [2.0]}, {})

    assert list(report.shortfalls(run)) == [
        "viewer on a desktop, whole volume, Bitewing on SQLite: 9 s, at most 8 s is asked"
    ]
    assert report.as_json(run)["ratios"]["viewer_phone"]["sqlite/orthanc-1.13"] == 8


def test_the_page_holds_every_metric_and_says_what_is_under() -> None:
    page = report.document(_run({"stow_one": [400.0]}, {"stow_one": [100.0]}))

    assert all(metric.title in page for metric in METRICS)
    assert "- Nothing." in page
    assert "0123456789ab" in page


def test_the_json_keeps_each_value() -> None:
    found = report.as_json(_run({"stow_one": [1.0, 3.0, 2.0]}, {"stow_one": [1.0]}))

    assert found["targets"]["sqlite"]["figures"]["stow_one"] == {
        "unit": "MB/s",
        "median": 2.0,
        "values": [1.0, 3.0, 2.0],
    }
    assert found["ratios"]["stow_one"]["sqlite/orthanc"] == 2.0
    assert json.loads(json.dumps(found)) == found


def test_frames_gathered_into_one_object_are_those_of_the_slices(study: Study) -> None:
    (one,) = relabelled(gathered(study), 7).slices
    scanner = Scanner()
    scanner.feed(one.head + bytes(one.pixels))
    scan = scanner.finish()
    assert scan.pixel is not None
    assert (scan.pixel.number_of_frames, scan.pixel.length) == (2, 2 * FRAME_BYTES)
    assert bytes(one.pixels[FRAME_BYTES:]) == bytes(study.slices[1].pixels)
    assert scan.head.study_instance_uid == relabelled(study, 7).study_instance_uid


def test_every_phase_measures_what_there_is_a_metric_for() -> None:
    names = [phase.name for phase in COURSE]
    assert len(set(names)) == len(names)
    assert {"dimse_1", "dimse_4", "multi_frame", "arriving", "whole_zip_deflated", "viewer"} < set(names)
    assert {"viewer_planes", "viewer_full", "viewer_phone", "viewer_phone_slice"} < {m.name for m in METRICS}
    assert {"cstore_1", "cstore_4", "multi_frame", "viewable", "zip_deflated", "delete"} < {m.name for m in METRICS}


def test_a_search_that_lacks_an_instance_is_a_wrong_answer(study: Study) -> None:
    items = [{"00080018": {"vr": "UI", "Value": [uid]}} for uid in sorted(study.sop_instance_uids)]
    answer = Answer(200, {}, memoryview(json.dumps(items).encode()), 0.0, 0.0)
    checks.require_instances(answer, study)
    with pytest.raises(checks.WrongAnswerError, match="1 instances arrived"):
        checks.require_instances(replace(answer, body=memoryview(json.dumps(items[:1]).encode())), study)
