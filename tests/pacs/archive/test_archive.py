"""The archive of a study: originals, a directory, and the record of who took them."""

import hashlib
import io
import zipfile
from typing import Any

import orjson
import pytest
from django.test import Client
from pydicom import dcmread

from accounts import services as accounts
from accounts.models import Tenant
from audit.models import AuditEvent
from common.scope import tenant_scope
from pacs.models import Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_files, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "s", 3, PatientName="Doe^Jane", PatientID="P-7")


def client_of(tenant: Tenant, *scopes: str) -> Client:
    token = accounts.create_token(actor=make_actor(tenant, "owner"), name="test", scopes=scopes or ["dicomweb.read"])
    return Client(headers={"Authorization": f"Bearer {token}"})


def fetch(client: Client, address: str, **headers: str) -> Any:
    return client.get(address, headers=headers)


def unzip(response: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(response)))


@pytest.mark.req("PA-02")
def test_the_archive_holds_the_originals_bit_for_bit(tenant: Tenant, study: Study) -> None:
    response = fetch(client_of(tenant), f"/studies/{study.id}/archive")
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    archive = unzip(response)
    names = [f"DICOM/PT000000/ST000000/SE000000/IM00000{number}" for number in range(3)]
    assert archive.namelist() == [*names, "DICOMDIR"]
    assert [archive.read(name) for name in names] == make_files("s", 3, PatientName="Doe^Jane", PatientID="P-7")


def test_the_announced_size_is_the_size(tenant: Tenant, study: Study) -> None:
    response = fetch(client_of(tenant), f"/studies/{study.id}/archive")
    assert int(response["Content-Length"]) == len(b"".join(response))


def test_a_deflated_archive_holds_the_same(tenant: Tenant, study: Study) -> None:
    response = fetch(client_of(tenant), f"/studies/{study.id}/archive?deflate=1")
    assert "Content-Length" not in response
    archive = unzip(response)
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert archive.testzip() is None
    assert archive.read(archive.namelist()[0]) == make_files("s", 1, PatientName="Doe^Jane", PatientID="P-7")[0]


def test_dicomweb_gives_the_same_archive(tenant: Tenant, study: Study) -> None:
    address = f"/dicom-web/studies/{study.study_instance_uid}"
    response = fetch(client_of(tenant), address, Accept="application/zip")
    assert response["Content-Type"] == "application/zip"
    assert len(unzip(response).namelist()) == 4


def test_the_directory_leads_from_the_patient_to_every_file(tenant: Tenant, study: Study) -> None:
    archive = unzip(fetch(client_of(tenant), f"/studies/{study.id}/archive"))
    directory = dcmread(io.BytesIO(archive.read("DICOMDIR")))
    kinds = [record.DirectoryRecordType for record in directory.DirectoryRecordSequence]
    assert kinds == ["PATIENT", "STUDY", "SERIES", "IMAGE", "IMAGE", "IMAGE"]
    patient, first = directory.DirectoryRecordSequence[0], directory.DirectoryRecordSequence[3]
    assert (str(patient.PatientName), patient.PatientID) == ("Doe^Jane", "P-7")
    assert "/".join(first.ReferencedFileID) in archive.namelist()


def test_the_name_of_the_file_says_nothing_about_the_patient(tenant: Tenant, study: Study) -> None:
    response = fetch(client_of(tenant), f"/studies/{study.id}/archive")
    assert response["Content-Disposition"] == f'attachment; filename="study-{study.id}.zip"'


@pytest.mark.req("PA-07")
def test_the_download_is_recorded_with_the_hash_of_all_hashes(tenant: Tenant, study: Study) -> None:
    fetch(client_of(tenant), f"/studies/{study.id}/archive")
    with tenant_scope(tenant.id):
        event = orjson.loads(bytes(AuditEvent.objects.get(action="study.exported").body))
    files = make_files("s", 3, PatientName="Doe^Jane", PatientID="P-7")
    hashes = b"".join(hashlib.sha256(file).digest() for file in files)
    assert event["detail"] == {"instances": 3, "sha256": hashlib.sha256(hashes).hexdigest()}


def test_a_study_of_another_tenant_is_absent(study: Study) -> None:
    assert fetch(client_of(make_tenant()), f"/studies/{study.id}/archive").status_code == 404


def test_a_token_that_may_only_write_takes_nothing(tenant: Tenant, study: Study) -> None:
    assert fetch(client_of(tenant, "dicomweb.write"), f"/studies/{study.id}/archive").status_code == 403
