"""C-GET and C-MOVE: originals leave in an encoding that the other side takes, and the log says so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from imagecodecs import jpeg2k_encode, jpegls_encode
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from audit.models import AuditEvent
from common.actor import system_actor
from common.scope import tenant_scope
from pacs.dicom import file_meta
from pacs.dicom.file_meta import data_set_offset
from pacs.dicom.phantom import make_panoramic
from pacs.dicom.scan import Scanner
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from pacs.dimse import commands, peers, retrieving
from pacs.dimse.association import Association, ours
from pacs.dimse.commands import Status
from pacs.dimse.datasets import attribute
from pacs.dimse.pdu import Context
from tests.factories.studies import make_files, make_study, store
from tests.pacs.dicom.test_iod import errors
from tests.pacs.dicomweb.images import JPEG_LS, make_compressed, make_image, pixel_elements
from tests.pacs.dimse.talking import CT, Device, make_called_tenant, talk

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-20")]
GET, MOVE = "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.5.1.4.1.2.2.2"
SECONDARY_CAPTURE, JPEG_2000_LOSSLESS = "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.1.2.4.90"
PATIENT_GET = "1.2.840.10008.5.1.4.1.2.1.3"
AS_PROVIDER = {CT: (False, True)}


def study_keys(uid: str) -> dict[str, object]:
    return attribute("QueryRetrieveLevel", "STUDY") | attribute("StudyInstanceUID", uid)


def read(data: bytes, syntax: str) -> object:
    scanner = Scanner()
    head = file_meta.file_head(sop_class_uid=CT, sop_instance_uid="1.2.3", transfer_syntax_uid=syntax)
    scanner.feed(head + data)
    return scanner.finish().head.json


def data_set(data: bytes, syntax: str) -> Dataset:
    head = file_meta.file_head(sop_class_uid=SECONDARY_CAPTURE, sop_instance_uid="1.2.3", transfer_syntax_uid=syntax)
    return dcmread(BytesIO(head + data))


def get(uid: str, syntax: str, *, sop_class: str = CT) -> tuple[dict[str, int], list[bytes]]:
    def act(device: Device) -> tuple[dict[str, int], list[bytes]]:
        answer = device.ask(GET, commands.Field.C_GET, study_keys(uid), Priority=0)
        return answer, device.received

    return talk(act, GET, (sop_class, (syntax,)), roles={sop_class: (False, True)})


def test_a_study_is_fetched_bit_identical_in_the_encoding_that_it_is_kept_in() -> None:
    tenant = make_called_tenant()
    sent = make_files("fetched", 3)
    uid = store(tenant.id, sent)[0].study_instance_uid

    answer, received = get(uid, EXPLICIT_VR_LITTLE_ENDIAN)

    assert received == [file[data_set_offset(file) :] for file in sent]
    assert (answer["Status"], answer["NumberOfCompletedSuboperations"]) == (Status.SUCCESS, 3)
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="study.exported").count() == 1


def test_headers_are_written_anew_for_a_device_that_takes_another_plain_encoding() -> None:
    tenant = make_called_tenant()
    sent = make_files("anew", 1)
    uid = store(tenant.id, sent)[0].study_instance_uid

    answer, (received,) = get(uid, IMPLICIT_VR_LITTLE_ENDIAN)

    assert answer["Status"] == Status.SUCCESS
    explicit = sent[0][data_set_offset(sent[0]) :]
    assert received != explicit
    assert read(received, IMPLICIT_VR_LITTLE_ENDIAN) == read(explicit, EXPLICIT_VR_LITTLE_ENDIAN)
    assert received[-512:] == explicit[-512:]


@pytest.mark.parametrize("syntax", [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN])
def test_a_compressed_object_is_decompressed_for_a_device_that_takes_plain_ones_only(syntax: str) -> None:
    tenant = make_called_tenant()
    frames = np.arange(2 * 5 * 3, dtype=np.uint16).reshape(2, 5, 3) * 1000
    study = make_compressed(tenant, frames)

    answer, (received,) = get(study.study_instance_uid, syntax, sop_class=SECONDARY_CAPTURE)

    assert answer["Status"] == Status.SUCCESS
    found = data_set(received, syntax)
    assert found.pixel_array.tolist() == frames.tolist()
    assert found.PatientName == "Phantom^Petra"


def test_colours_are_named_as_decoding_leaves_them() -> None:
    tenant = make_called_tenant()
    picture = np.zeros((8, 9, 3), np.uint8)
    picture[:, :4] = (200, 30, 60)
    study = make_image(
        tenant,
        fragments=[jpeg2k_encode(picture, level=0, codecformat="j2k", mct=True)],
        transfer_syntax_uid=JPEG_2000_LOSSLESS,
        PlanarConfiguration=0,
        NumberOfFrames=1,
        **pixel_elements(picture, "YBR_RCT"),
    )

    _, (received,) = get(study.study_instance_uid, EXPLICIT_VR_LITTLE_ENDIAN, sop_class=SECONDARY_CAPTURE)

    found = data_set(received, EXPLICIT_VR_LITTLE_ENDIAN)
    assert (found.PhotometricInterpretation, found.PlanarConfiguration) == ("RGB", 0)
    assert found.PixelData == picture.tobytes()


def test_a_film_that_was_decompressed_is_a_whole_object_to_others(tmp_path: Path) -> None:
    tenant = make_called_tenant()
    film = dcmread(BytesIO(make_panoramic(columns=40, rows=30)))
    film.PixelData = encapsulate([bytes(jpegls_encode(film.pixel_array))])
    film.file_meta.TransferSyntaxUID = UID(JPEG_LS)
    compressed = BytesIO()
    film.save_as(compressed)
    (verdict,) = store(tenant.id, [compressed.getvalue()])

    _, (received,) = get(verdict.study_instance_uid, EXPLICIT_VR_LITTLE_ENDIAN, sop_class=film.SOPClassUID)

    file = tmp_path / "film.dcm"
    head = file_meta.file_head(
        sop_class_uid=film.SOPClassUID,
        sop_instance_uid=film.SOPInstanceUID,
        transfer_syntax_uid=EXPLICIT_VR_LITTLE_ENDIAN,
    )
    file.write_bytes(head + received)
    assert errors(file) == []


def test_what_cannot_be_decoded_is_a_failed_sub_operation() -> None:
    tenant = make_called_tenant()
    study = make_image(
        tenant,
        fragments=[bytes(64)],
        transfer_syntax_uid=JPEG_2000_LOSSLESS,
        **pixel_elements(np.zeros((8, 9), np.uint8)),
    )

    def act(device: Device) -> tuple[int, list[bytes]]:
        answer = device.ask(GET, commands.Field.C_GET, study_keys(study.study_instance_uid), Priority=0)
        return answer["NumberOfFailedSuboperations"], device.received

    roles = {SECONDARY_CAPTURE: (False, True)}
    assert talk(act, GET, (SECONDARY_CAPTURE, (EXPLICIT_VR_LITTLE_ENDIAN,)), roles=roles) == (1, [])


def test_what_no_context_takes_is_a_failed_sub_operation_by_name() -> None:
    tenant = make_called_tenant()
    uid = make_study(tenant.id, "untaken", 2).study_instance_uid

    def act(device: Device) -> tuple[int, int, list[str]]:
        answer = device.ask(GET, commands.Field.C_GET, study_keys(uid), Priority=0)
        identifier = device.answers[-1][1] or {}
        return answer["Status"], answer["NumberOfFailedSuboperations"], identifier["00080058"]["Value"]

    status, failed, uids = talk(act, GET)
    assert (status, failed, len(uids)) == (Status.CANNOT_MOVE, 2, 2)


def test_a_patient_is_fetched_under_the_patient_root() -> None:
    tenant = make_called_tenant()
    for seed in ("a", "b"):
        make_study(tenant.id, f"patient-{seed}", 1, PatientID="P-SAME")

    def act(device: Device) -> int:
        keys = attribute("QueryRetrieveLevel", "PATIENT") | attribute("PatientID", "P-SAME")
        device.ask(PATIENT_GET, commands.Field.C_GET, keys, Priority=0)
        return len(device.received)

    assert talk(act, PATIENT_GET, CT, roles=AS_PROVIDER) == 2


@pytest.mark.parametrize("key", ["", "*"])
def test_nothing_is_fetched_without_a_key(key: str) -> None:
    tenant = make_called_tenant()
    make_study(tenant.id, "all", 1)

    def act(device: Device) -> int:
        return int(device.ask(GET, commands.Field.C_GET, study_keys(key), Priority=0)["Status"])

    assert talk(act, GET, CT, roles=AS_PROVIDER) == Status.DATA_SET_MISMATCH


def test_more_studies_than_are_sent_at_a_time_are_refused_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieving, "_MAX_STUDIES", 1)
    tenant = make_called_tenant()
    for seed in ("a", "b"):
        make_study(tenant.id, f"many-{seed}", 1, PatientID="P-SAME")

    def act(device: Device) -> tuple[int, int]:
        keys = attribute("QueryRetrieveLevel", "PATIENT") | attribute("PatientID", "P-SAME")
        answer = device.ask(PATIENT_GET, commands.Field.C_GET, keys, Priority=0)
        return answer["Status"], len(device.received)

    assert talk(act, PATIENT_GET, CT, roles=AS_PROVIDER) == (Status.CANNOT_COUNT_MATCHES, 0)


@contextmanager
def destination() -> Iterator[tuple[int, list[bytes]]]:
    """Run a device that takes what it is sent."""
    import socket

    taken: list[bytes] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def run() -> None:
            connection, _ = listening.accept()
            with Association(connection) as association:
                request = association.read_request()
                contexts = tuple(Context(c.id, c.abstract_syntax, c.transfer_syntaxes[:1]) for c in request.contexts)
                association.accept(ours(called=request.called, calling=request.calling, contexts=contexts))
                for message in association.messages():
                    taken.append(message.read_data(1 << 20))
                    association.send(message.context.id, commands.response_to(message.command, 0))
                association.confirm_release()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listening.getsockname()[1], taken
        thread.join(10)


def test_a_study_is_moved_to_another_device_of_the_list() -> None:
    tenant = make_called_tenant()
    sent = make_files("moved", 2)
    uid = store(tenant.id, sent)[0].study_instance_uid

    with destination() as (port, taken):
        values = {"host": "127.0.0.1", "port": port}
        peers.add_peer(actor=system_actor(tenant.id), ae_title="VIEWER", values=values)

        def act(device: Device) -> dict[str, int]:
            return device.ask(MOVE, commands.Field.C_MOVE, study_keys(uid), MoveDestination="VIEWER", Priority=0)

        answer = talk(act, MOVE)

    assert (answer["Status"], answer["NumberOfCompletedSuboperations"]) == (Status.SUCCESS, 2)
    assert taken == [file[data_set_offset(file) :] for file in sent]


@pytest.mark.parametrize(("name", "status"), [("NOBODY", Status.DESTINATION_UNKNOWN), ("AWAY", Status.CANNOT_MOVE)])
def test_a_destination_that_is_unknown_or_away_is_told(name: str, status: int) -> None:
    tenant = make_called_tenant()
    uid = make_study(tenant.id, "nowhere", 1).study_instance_uid
    peers.add_peer(actor=system_actor(tenant.id), ae_title="AWAY", values={"host": "127.0.0.1", "port": 1})

    def act(device: Device) -> int:
        answer = device.ask(MOVE, commands.Field.C_MOVE, study_keys(uid), MoveDestination=name, Priority=0)
        return int(answer["Status"])

    assert talk(act, MOVE) == status
