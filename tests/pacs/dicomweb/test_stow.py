"""STOW-RS: what is stored, what is refused, and what the answer says about each part."""

from typing import Any

import orjson
import pytest
from django.test import Client

from accounts.models import Tenant
from common.errors import StorageFullError
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.dicomweb.stow import describe
from pacs.intake import Batch, Status, Verdict
from pacs.models import Instance, Study
from tests.factories.studies import make_dicom, make_files
from tests.pacs.dicomweb.conftest import TokenClient
from tests.pacs.dicomweb.requests import BOUNDARY, CONTENT_TYPE, stow, stow_body

pytestmark = pytest.mark.django_db
HUGE: dict[str, Any] = {"CONTENT_TYPE": CONTENT_TYPE, "CONTENT_LENGTH": str(1 << 50)}
STORED, FAILED, OTHER = "00081199", "00081198", "0008119A"
REASON, WARNING, COMMENT, URL = "00081197", "00081196", "00000902", "00081190"


def items(response: Any, tag: str) -> list[dict[str, Any]]:
    found = orjson.loads(response.content).get(tag, {})
    return list(found.get("Value", []))


def value(item: dict[str, Any], tag: str) -> Any:
    return item[tag]["Value"][0]


def count(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return int(Instance.objects.count())


@pytest.mark.req("PA-01")
def test_a_body_of_good_files_is_stored(web: Client, tenant: Tenant) -> None:
    response = stow(web, *make_files("s", 3))
    assert (response.status_code, response["Content-Type"]) == (200, "application/dicom+json")
    assert [value(item, COMMENT) for item in items(response, STORED)] == ["part 1", "part 2", "part 3"]
    study, series, sop = make_uid("s", "study"), make_uid("s", "series"), make_uid("s", "instance", 1)
    root = f"http://testserver/dicom-web/studies/{study}"
    assert value(orjson.loads(response.content), URL) == root
    assert value(items(response, STORED)[0], URL) == f"{root}/series/{series}/instances/{sop}"
    assert count(tenant) == 3


def test_the_same_files_again_are_a_success(web: Client, tenant: Tenant) -> None:
    stow(web, *make_files("s", 2))
    assert stow(web, *make_files("s", 2)).status_code == 200
    assert count(tenant) == 2


def test_some_refused_is_202_with_each_reason(web: Client, tenant: Tenant) -> None:
    response = stow(web, make_dicom("s", 1), b"no dicom at all", make_dicom("s", 2)[:-9])
    assert response.status_code == 202
    assert len(items(response, STORED)) == 1
    (unreadable,) = items(response, OTHER)
    (failed,) = items(response, FAILED)
    assert value(unreadable, COMMENT).startswith("part 2: ")
    assert value(unreadable, REASON) == 0xC000
    assert value(failed, COMMENT).startswith("part 3: ")
    assert value(failed, "00081155") == make_uid("s", "instance", 2)
    assert count(tenant) == 1


def test_none_stored_is_409(web: Client, tenant: Tenant) -> None:
    assert stow(web, b"nothing", b"nothing either").status_code == 409
    assert count(tenant) == 0


def test_the_same_uid_with_other_bytes_is_refused(web: Client) -> None:
    stow(web, make_dicom("s", 1))
    response = stow(web, make_dicom("s", 1, ImageComments="changed"))
    assert response.status_code == 409
    assert value(items(response, FAILED)[0], REASON) == 0x0111


def test_a_patient_in_doubt_is_stored_with_a_warning(web: Client) -> None:
    stow(web, make_dicom("a", 1, PatientID="P-1", PatientName="Doe^Jane", PatientBirthDate="19800101"))
    response = stow(web, make_dicom("b", 1, PatientID="P-1", PatientName="Roe^Rita", PatientBirthDate="19900101"))
    assert response.status_code == 200
    assert value(items(response, STORED)[0], WARNING) == 0xB000


def test_files_of_another_study_than_the_address_are_refused(web: Client, tenant: Tenant) -> None:
    response = stow(web, make_dicom("a", 1), make_dicom("b", 1), study=make_uid("a", "study"))
    assert response.status_code == 202
    assert value(items(response, FAILED)[0], "00081155") == make_uid("b", "instance", 1)
    assert count(tenant) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"nonsense", CONTENT_TYPE, 400),
        (f"--{BOUNDARY}--".encode(), CONTENT_TYPE, 400),
        (stow_body(b"x"), "multipart/related; type=application/dicom", 400),
        (stow_body(b"x")[:-10], CONTENT_TYPE, 400),
        (stow_body(b"x"), "application/dicom", 415),
        (stow_body(b"x"), f"multipart/related; type=image/jpeg; boundary={BOUNDARY}", 415),
        (stow_body(b"x"), f"multipart/form-data; boundary={BOUNDARY}", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(web: Client, body: bytes, content_type: str, status: int) -> None:
    response = web.post("/dicom-web/studies", body, content_type=content_type)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_a_body_that_breaks_off_leaves_nothing(web: Client, tenant: Tenant) -> None:
    body = stow_body(*make_files("s", 2))
    response = web.post("/dicom-web/studies", body[: len(body) - 100], content_type=CONTENT_TYPE)
    assert response.status_code == 400
    assert count(tenant) == 0


def test_a_compressed_body_is_refused(web: Client) -> None:
    response = web.post(
        "/dicom-web/studies", stow_body(b"x"), content_type=CONTENT_TYPE, headers={"Content-Encoding": "gzip"}
    )
    assert response.status_code == 415


def test_an_announced_size_beyond_the_limit_is_413(web: Client) -> None:
    response = web.post("/dicom-web/studies", b"", content_type=CONTENT_TYPE, **HUGE)
    assert response.status_code == 413


def test_a_full_store_is_507_and_keeps_nothing(web: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_batch: Batch) -> list[Verdict]:
        raise StorageFullError()

    monkeypatch.setattr(Batch, "commit", refuse)
    assert stow(web, make_dicom("s", 1)).status_code == 507
    assert count(tenant) == 0


def test_an_answer_in_another_format_is_not_offered(web: Client, tenant: Tenant) -> None:
    response = web.post(
        "/dicom-web/studies",
        stow_body(make_dicom("s", 1)),
        content_type=CONTENT_TYPE,
        headers={"Accept": "text/xml"},
    )
    assert response.status_code == 406
    assert count(tenant) == 0


def test_a_token_that_may_only_read_stores_nothing(token_client: TokenClient, tenant: Tenant) -> None:
    assert stow(token_client("dicomweb.read"), make_dicom("s", 1)).status_code == 403
    assert count(tenant) == 0


def test_one_uid_may_be_stored_by_two_tenants(web: Client, token_client: TokenClient, other_tenant: Tenant) -> None:
    stow(web, make_dicom("s", 1))
    assert stow(token_client(of=other_tenant), make_dicom("s", 1)).status_code == 200
    with tenant_scope(other_tenant.id):
        assert Study.objects.count() == 1


def test_an_answer_without_successes_names_no_study() -> None:
    refused = Verdict(Status.REFUSED, message="not DICOM", failure_reason=0xC000)
    assert set(describe([refused], "http://host/dicom-web")) == {OTHER}
