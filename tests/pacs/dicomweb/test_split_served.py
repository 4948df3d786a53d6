"""A study that was split off another, as every service gives it: under its own number, for its own patient."""

import hashlib
import io
import zipfile
from typing import Any

import orjson
import pytest
from django.test import Client
from imagecodecs import jpegls_encode
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from accounts.models import Tenant
from common.actor import Actor, ActorKind, Grant, Right
from common.ids import uuid7
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import services
from pacs.dicom import file_meta
from pacs.dicom.phantom import make_panoramic, make_uid
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from pacs.dimse import commands
from pacs.dimse.commands import Status
from pacs.dimse.datasets import attribute
from pacs.identity import Identity
from pacs.models import Series, Study
from tests.factories.cast import make_actor
from tests.factories.studies import make_dicom, make_study, store
from tests.pacs.dicomweb import acting
from tests.pacs.dicomweb.images import JPEG_LS
from tests.pacs.dicomweb.requests import address, content_of, parts_of
from tests.pacs.dimse.talking import CT, Device, make_called_tenant, talk

pytestmark = pytest.mark.django_db
SERIES = make_uid("s", "two")
BERT = Identity("P-2", "", "Bert^B", None, "M")
GREEK = Identity("P-3", "", "Ωμέγα^Ψ", None, "F")
ANNA: dict[str, Any] = {"PatientID": "P-1", "PatientName": "Anna^A", "PatientComments": "hers"}
GET = "1.2.840.10008.5.1.4.1.2.2.3"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"


def file_of(number: int, **elements: Any) -> bytes:
    uids = {"SeriesInstanceUID": SERIES, "SOPInstanceUID": make_uid("s", "two", number)}
    return make_dicom("s", number, **{**ANNA, **uids, **elements})


def split(tenant: Tenant, to: Identity | None = BERT) -> Study:
    """Split the second series off and return the study that it became."""
    with tenant_scope(tenant.id):
        row = Series.objects.get(series_instance_uid=SERIES)
    actor = make_actor(tenant, "technician")
    services.split_study(actor=actor, study_id=row.study_id, series_ids=[row.id], to=to)
    with tenant_scope(tenant.id):
        study: Study = Series.objects.select_related("study").get(id=row.id).study
    return study


@pytest.fixture
def first(tenant: Tenant) -> Study:
    study = make_study(tenant.id, "s", 2, **ANNA)
    store(tenant.id, [file_of(number) for number in (1, 2)])
    return study


@pytest.fixture
def other(tenant: Tenant, first: Study) -> Study:
    return split(tenant)


def read(data: bytes) -> Dataset:
    return dcmread(io.BytesIO(data))


def names(header: Dataset) -> tuple[str, str, str]:
    return str(header.StudyInstanceUID), str(header.PatientID), str(header.PatientName)


# --- DICOMweb ---------------------------------------------------------------------------------------------------------


def test_its_objects_name_it_and_its_patient_and_keep_their_pixels(web: Client, other: Study) -> None:
    found = [read(content) for _, content in parts_of(web.get(address(other)))]

    assert {names(header) for header in found} == {(other.study_instance_uid, "P-2", "Bert^B")}
    assert [header.PixelData for header in found] == [read(file_of(number)).PixelData for number in (1, 2)]
    assert {header.SOPInstanceUID for header in found} == {make_uid("s", "two", number) for number in (1, 2)}


def test_nothing_of_the_first_person_leaves_with_them(web: Client, other: Study) -> None:
    whole = content_of(web.get(address(other)))

    assert b"Anna" not in whole
    assert b"hers" not in whole
    assert make_uid("s", "study").encode() not in whole
    assert b"CORRECT" in whole


def test_of_the_same_person_the_former_values_are_told(web: Client, tenant: Tenant, first: Study) -> None:
    study = split(tenant, None)
    header = read(parts_of(web.get(address(study)))[0][1])

    former = header.OriginalAttributesSequence[-1].ModifiedAttributesSequence[0]
    assert former.StudyInstanceUID == make_uid("s", "study")
    assert names(header) == (study.study_instance_uid, "P-1", "Anna^A")
    assert header.PatientComments == "hers"


def test_the_announced_size_is_the_size(web: Client, other: Study) -> None:
    response = web.get(address(other))
    assert int(response["Content-Length"]) == len(content_of(response))


def test_one_object_comes_by_itself_in_ranges_and_with_a_tag_of_its_own(web: Client, other: Study) -> None:
    path = address(other, "series", SERIES, "instances", make_uid("s", "two", 1))
    accept = {"Accept": "application/dicom"}
    response = web.get(path, headers=accept)
    whole = content_of(response)
    assert int(response["Content-Length"]) == len(whole)
    assert response["ETag"] != f'"{hashlib.sha256(file_of(1)).hexdigest()}"'

    for begin, end in ((0, 9), (200, len(whole) - 1), (len(whole) - 520, len(whole) - 500)):
        part = web.get(path, headers={**accept, "Range": f"bytes={begin}-{end}"})
        assert (part.status_code, content_of(part)) == (206, whole[begin : end + 1])


def test_metadata_say_the_same_prepared_or_not(web: Client, tenant: Tenant, other: Study) -> None:
    before = orjson.loads(content_of(web.get(address(other, "metadata"))))
    outbox.drain([tenant.id])
    after = orjson.loads(content_of(web.get(address(other, "metadata"))))

    assert before == after
    assert {header["0020000D"]["Value"][0] for header in after} == {other.study_instance_uid}
    assert {header["00100010"]["Value"][0]["Alphabetic"] for header in after} == {"Bert^B"}
    assert not {"00104000", "00101010"} & {tag for header in after for tag in header}


def test_searches_find_each_under_its_own(web: Client, first: Study, other: Study) -> None:
    studies = web.get("/dicom-web/studies?includefield=NumberOfStudyRelatedInstances").json()
    found = {one["0020000D"]["Value"][0]: one["00201208"]["Value"][0] for one in studies}
    assert found == {first.study_instance_uid: 2, other.study_instance_uid: 2}

    (mine,) = web.get("/dicom-web/studies?PatientID=P-2").json()
    assert mine["0020000D"]["Value"] == [other.study_instance_uid]
    instances = web.get(address(other, "instances") + "?includefield=all").json()
    assert {one["0020000D"]["Value"][0] for one in instances} == {other.study_instance_uid}


def test_the_series_is_not_found_in_the_first_study_any_more(web: Client, first: Study, other: Study) -> None:
    for rest in (["series", SERIES], ["series", SERIES, "metadata"], ["series", SERIES, "rendered"]):
        assert web.get(address(first, *rest)).status_code == 404
    assert len(parts_of(web.get(address(first)))) == 2


def test_frames_and_pictures_are_given_under_the_new_number(web: Client, tenant: Tenant, other: Study) -> None:
    outbox.drain([tenant.id])
    path = address(other, "series", SERIES, "instances", make_uid("s", "two", 1))
    ((_, frame),) = parts_of(web.get(f"{path}/frames/1"))

    assert frame == read(file_of(1)).PixelData
    assert content_of(web.get(f"{path}/rendered", headers={"Accept": "image/png"})).startswith(b"\x89PNG")
    assert web.get(address(other, "thumbnail")).status_code == 200


@pytest.mark.parametrize("syntax", [EXPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.2.4.80"])
def test_another_encoding_names_the_same(web: Client, tenant: Tenant, first: Study, syntax: str) -> None:
    store(tenant.id, [file_of(3, transfer_syntax_uid=IMPLICIT_VR_LITTLE_ENDIAN)])
    study = split(tenant)
    path = address(study, "series", SERIES, "instances", make_uid("s", "two", 3))
    accept = f'multipart/related; type="application/dicom"; transfer-syntax={syntax}'
    ((_, content),) = parts_of(web.get(path, headers={"Accept": accept}))

    header = read(content)
    assert header.file_meta.TransferSyntaxUID == syntax
    assert names(header) == (study.study_instance_uid, "P-2", "Bert^B")


def test_an_object_with_implicit_representations_keeps_them(web: Client, tenant: Tenant, first: Study) -> None:
    store(tenant.id, [file_of(3, transfer_syntax_uid=IMPLICIT_VR_LITTLE_ENDIAN)])
    study = split(tenant)
    path = address(study, "series", SERIES, "instances", make_uid("s", "two", 3))
    header = read(content_of(web.get(path, headers={"Accept": "application/dicom"})))

    assert header.file_meta.TransferSyntaxUID == IMPLICIT_VR_LITTLE_ENDIAN
    assert names(header) == (study.study_instance_uid, "P-2", "Bert^B")
    assert len(header.PixelData) == 512


def test_compressed_pixels_are_passed_on_as_they_are(web: Client, tenant: Tenant) -> None:
    film = dcmread(io.BytesIO(make_panoramic(columns=40, rows=30)))
    film.PixelData = encapsulate([bytes(jpegls_encode(film.pixel_array))])
    film["PixelData"].is_undefined_length = True
    film.file_meta.TransferSyntaxUID = UID(JPEG_LS)
    film.StudyInstanceUID, film.SeriesInstanceUID = make_uid("s", "study"), SERIES
    film.PatientID, film.PatientName = "P-1", "Anna^A"
    data = io.BytesIO()
    film.save_as(data, enforce_file_format=True)
    make_study(tenant.id, "s", 1, **ANNA)
    store(tenant.id, [data.getvalue()])
    study = split(tenant)

    ((_, content),) = parts_of(web.get(address(study)))
    header = read(content)
    assert names(header) == (study.study_instance_uid, "P-2", "Bert^B")
    assert header.PixelData == film.PixelData


def test_a_name_that_the_files_have_no_letters_for_is_written_in_utf_8(
    web: Client, tenant: Tenant, first: Study
) -> None:
    german = {"SpecificCharacterSet": "ISO_IR 100", "SeriesDescription": "Schädel", "InstitutionName": "Zürich"}
    store(tenant.id, [file_of(3, **german)])
    study = split(tenant, GREEK)
    path = address(study, "series", SERIES, "instances", make_uid("s", "two", 3))
    header = read(content_of(web.get(path, headers={"Accept": "application/dicom"})))

    assert header.SpecificCharacterSet == "ISO_IR 192"
    assert (str(header.PatientName), header.SeriesDescription) == ("Ωμέγα^Ψ", "Schädel")
    assert header.InstitutionName == "Zürich"


# --- archive, guests --------------------------------------------------------------------------------------------------


def test_the_archive_is_sound_and_names_the_same_in_files_and_directory(web: Client, other: Study) -> None:
    response = web.get(f"/studies/{other.id}/archive")
    data = content_of(response)
    assert int(response["Content-Length"]) == len(data)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None

    *files, directory = archive.namelist()
    assert {names(read(archive.read(name))) for name in files} == {(other.study_instance_uid, "P-2", "Bert^B")}
    records = read(archive.read(directory)).DirectoryRecordSequence
    assert [one.StudyInstanceUID for one in records if one.DirectoryRecordType == "STUDY"] == [other.study_instance_uid]
    assert [one.PatientID for one in records if one.DirectoryRecordType == "PATIENT"] == ["P-2"]


def guest_of(tenant: Tenant, study: Study) -> Actor:
    grant = Grant(study_ids=frozenset({study.id}), rights=frozenset({Right.VIEW, Right.DOWNLOAD_DICOM}))
    return Actor(tenant_id=tenant.id, kind=ActorKind.GUEST, id=uuid7(), roles=frozenset({"guest"}), grant=grant)


def test_a_link_to_the_first_study_shows_nothing_of_what_was_split_off(
    tenant: Tenant, first: Study, other: Study
) -> None:
    acting.present([guest_of(tenant, first)])
    guest = Client()

    assert guest.get(address(other, "metadata")).status_code == 404
    assert guest.get(address(first, "series", SERIES, "metadata")).status_code == 404
    shown = orjson.loads(content_of(guest.get(address(first, "metadata"))))
    assert {header["0020000E"]["Value"][0] for header in shown} == {make_uid("s", "series")}


# --- DIMSE ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN])
def test_a_device_finds_and_fetches_it_under_its_own_number(syntax: str) -> None:
    tenant = make_called_tenant()
    make_study(tenant.id, "s", 1, **ANNA)
    store(tenant.id, [file_of(1)])
    study = split(tenant)
    keys = attribute("QueryRetrieveLevel", "STUDY") | attribute("StudyInstanceUID", study.study_instance_uid)

    def act(device: Device) -> tuple[dict[str, int], list[bytes]]:
        return device.ask(GET, commands.Field.C_GET, keys, Priority=0), device.received

    answer, (received,) = talk(act, GET, (CT, (syntax,)), roles={CT: (False, True)})

    assert answer["Status"] == Status.SUCCESS
    head = file_meta.file_head(sop_class_uid=CT, sop_instance_uid="1.2.3", transfer_syntax_uid=syntax)
    assert names(read(head + received)) == (study.study_instance_uid, "P-2", "Bert^B")
    found = talk(
        lambda device: device.find(FIND, QueryRetrieveLevel="STUDY", StudyInstanceUID="", PatientID="P-2"), FIND
    )
    assert [one["0020000D"]["Value"] for one in found] == [[study.study_instance_uid]]
