"""Who reaches the services: credentials, foreign studies, missing rights, methods, requests from other pages."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor, ActorKind, Grant
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.factories.studies import make_dicom, make_study
from tests.pacs.dicomweb import acting
from tests.pacs.dicomweb.conftest import TokenClient
from tests.pacs.dicomweb.requests import CONTENT_TYPE, address, content_of, stow, stow_body

pytestmark = pytest.mark.django_db

SERIES, SOP = make_uid("s", "series"), make_uid("s", "instance", 1)
INSTANCE = f"series/{SERIES}/instances/{SOP}"
SEEN = [
    "metadata",
    "series",
    f"{INSTANCE}/metadata",
    f"{INSTANCE}/frames/1",
    f"{INSTANCE}/rendered",
    f"{INSTANCE}/thumbnail",
]
TAKEN = ["", f"series/{SERIES}", INSTANCE, f"{INSTANCE}/bulkdata/7FE00010"]


def guest(tenant: Tenant, *rights: str, studies: frozenset[UUID]) -> Actor:
    grant = Grant(study_ids=studies, rights=frozenset(rights))
    return Actor(tenant_id=tenant.id, kind=ActorKind.GUEST, id=uuid7(), roles=frozenset({"guest"}), grant=grant)


def get(client: Client, study: Study, path: str) -> int:
    response = client.get(address(study, path) if path else address(study))
    content_of(response)
    return int(response.status_code)


@pytest.mark.parametrize("path", ["/dicom-web/studies", "/dicom-web/instances", "/dicom-web/nothing/here"])
def test_without_a_credential_there_is_401_and_no_redirect(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response["Content-Type"] == "application/problem+json"


def test_a_false_token_is_no_credential(client: Client) -> None:
    assert client.get("/dicom-web/studies", headers={"Authorization": "Bearer dpt_x"}).status_code == 401


@pytest.mark.parametrize("path", SEEN + TAKEN)
def test_a_token_reads_everything_of_its_tenant(web: Client, study: Study, path: str) -> None:
    assert get(web, study, path) == 200


@pytest.mark.parametrize("path", SEEN + TAKEN)
@pytest.mark.req("X-15")
def test_a_study_of_another_tenant_is_absent(
    token_client: TokenClient, other_tenant: Tenant, study: Study, path: str
) -> None:
    assert get(token_client(of=other_tenant), study, path) == 404


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"])
def test_a_study_of_another_tenant_is_absent_by_every_method(
    token_client: TokenClient, other_tenant: Tenant, study: Study, method: str
) -> None:
    assert token_client(of=other_tenant).generic(method, address(study)).status_code == 404


def test_storing_into_a_study_that_one_may_not_see_is_404(
    token_client: TokenClient, other_tenant: Tenant, study: Study
) -> None:
    reader = token_client("dicomweb.read", of=other_tenant)
    assert stow(reader, make_dicom("s", 1), study=study.study_instance_uid).status_code == 404


@pytest.mark.parametrize(
    ("method", "allowed"), [("PUT", "DELETE, GET, HEAD, POST"), ("PATCH", "DELETE, GET, HEAD, POST")]
)
def test_an_unknown_method_is_405(web: Client, study: Study, method: str, allowed: str) -> None:
    response = web.generic(method, address(study))
    assert (response.status_code, response["Allow"]) == (405, allowed)


def test_an_unknown_address_is_a_problem(web: Client) -> None:
    response = web.get("/dicom-web/studies/not-a-uid")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("scope", "status"), [("dicomweb.write", 403), ("dicomweb.delete", 403), ("dicomweb.read", 200)]
)
def test_a_scope_allows_what_it_names(token_client: TokenClient, study: Study, scope: str, status: int) -> None:
    assert get(token_client(scope), study, "metadata") == status


@pytest.mark.parametrize("path", SEEN)
@pytest.mark.req("PA-06")
def test_a_member_without_the_right_is_refused(someone_with: Callable[..., Client], study: Study, path: str) -> None:
    assert get(someone_with("compliance_officer"), study, path) == (200 if path == "series" else 403)


@pytest.mark.parametrize("path", TAKEN)
def test_an_assistant_sees_but_does_not_take(someone_with: Callable[..., Client], study: Study, path: str) -> None:
    assert get(someone_with("assistant"), study, path) == 403


@pytest.mark.parametrize("path", SEEN)
def test_a_guest_who_may_view_sees_his_study(client: Client, tenant: Tenant, study: Study, path: str) -> None:
    acting.present([guest(tenant, "view", studies=frozenset({study.id}))])
    assert get(client, study, path) == 200


@pytest.mark.parametrize("path", TAKEN)
def test_a_guest_who_may_view_takes_nothing(client: Client, tenant: Tenant, study: Study, path: str) -> None:
    acting.present([guest(tenant, "view", studies=frozenset({study.id}))])
    assert get(client, study, path) == 403


@pytest.mark.parametrize("path", TAKEN)
def test_a_guest_who_may_download_takes_his_study(client: Client, tenant: Tenant, study: Study, path: str) -> None:
    acting.present([guest(tenant, "view", "download_dicom", studies=frozenset({study.id}))])
    assert get(client, study, path) == 200


@pytest.mark.parametrize("path", SEEN + TAKEN)
def test_a_study_outside_of_the_grant_is_absent(client: Client, tenant: Tenant, study: Study, path: str) -> None:
    other = make_study(tenant.id, "other", 1)
    acting.present([guest(tenant, "view", "download_dicom", studies=frozenset({other.id}))])
    assert get(client, study, path) == 404


def test_a_guest_finds_the_studies_of_all_his_links(client: Client, tenant: Tenant, study: Study) -> None:
    other, hidden = make_study(tenant.id, "other", 1), make_study(tenant.id, "hidden", 1)
    acting.present(
        [guest(tenant, "view", studies=frozenset({study.id})), guest(tenant, "view", studies=frozenset({other.id}))]
    )
    found = {item["0020000D"]["Value"][0] for item in client.get("/dicom-web/studies").json()}
    assert found == {study.study_instance_uid, other.study_instance_uid}
    assert hidden.study_instance_uid not in found


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_session_changes_nothing_without_proof_of_its_page(
    someone_with: Callable[..., Client], study: Study, method: str
) -> None:
    browser = someone_with("owner")
    response = browser.generic(method, address(study), stow_body(make_dicom("s", 9)), content_type=CONTENT_TYPE)
    assert (response.status_code, response.json()["type"]) == (403, "urn:bitewing:csrf")
    assert get(browser, study, "metadata") == 200


def test_a_session_with_the_token_of_its_page_stores(someone_with: Callable[..., Client]) -> None:
    browser = someone_with("technician")
    secret = _get_new_csrf_string()
    browser.cookies["bitewing-csrf"] = secret
    response = browser.post(
        "/dicom-web/studies",
        stow_body(make_dicom("s", 1)),
        content_type=CONTENT_TYPE,
        headers={"X-CSRFToken": secret},
    )
    assert response.status_code == 200


def test_a_form_is_never_read(someone_with: Callable[..., Client]) -> None:
    response = someone_with("technician").post("/dicom-web/studies", {"csrfmiddlewaretoken": "x"})
    assert response.status_code == 415


def test_a_deleted_study_is_gone_and_may_be_stored_afresh(web: Client, tenant: Tenant, study: Study) -> None:
    frame = f"{INSTANCE}/frames/1"
    assert get(web, study, frame) == 200
    assert web.delete(address(study)).status_code == 204
    assert web.delete(address(study)).status_code == 404
    assert get(web, study, frame) == 404
    assert web.get("/dicom-web/studies").json() == []
    assert stow(web, make_dicom("s", 1)).status_code == 200
    assert get(web, study, frame) == 200
    with tenant_scope(tenant.id):
        assert Study.objects.count() == 2


def test_deleting_needs_its_own_scope(token_client: TokenClient, study: Study) -> None:
    assert token_client("dicomweb.read", "dicomweb.write").delete(address(study)).status_code == 403


@pytest.mark.parametrize("path", SEEN + TAKEN)
@pytest.mark.req("PA-07")
def test_who_reads_a_study_is_recorded_before_it_is_sent(web: Client, tenant: Tenant, study: Study, path: str) -> None:
    response = web.get(address(study, path) if path else address(study))
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(study_id=study.id, action="study.opened").count() == 1
    content_of(response)


@pytest.mark.req("PA-07")
def test_a_search_records_which_studies_were_shown(web: Client, tenant: Tenant, study: Study) -> None:
    web.get("/dicom-web/studies?PatientName=Ph*")
    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="studies.searched")
    assert str(study.id).encode() in bytes(event.body)
    assert b"Ph" not in bytes(event.body)


def test_a_refused_reader_leaves_no_trace_of_reading(
    someone_with: Callable[..., Client], tenant: Tenant, study: Study
) -> None:
    get(someone_with("compliance_officer"), study, "metadata")
    with tenant_scope(tenant.id):
        assert not AuditEvent.objects.filter(action="study.opened").exists()
