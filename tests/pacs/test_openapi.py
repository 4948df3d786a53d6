"""What `/api/schema/` says holds: a judge from elsewhere reads it, and tries what it allows and what it does not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts import services as accounts
from common.actor import system_actor
from pacs import openapi, urls
from tests.factories.cast import make_tenant
from tests.factories.portal import portal

pytestmark = pytest.mark.req("BR-32")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]
# A study that is ready, and one that is gone: a whole row, and a short one.
_STUDIES = """
from accounts import services as accounts
from common.ids import uuid7
from pacs.changes import marking
from tests.factories.studies import make_study
tenant_id = accounts.tenant_id_of_slug({slug!r})
make_study(tenant_id, prepared=True)
marking.mark(tenant_id=tenant_id, study_id=uuid7())
"""


@pytest.fixture(scope="module")
def address_and_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with portal(tmp_path_factory.mktemp("api"), with_worker=False) as running:
        slug = running.create_tenant("Described")
        running.manage("shell", "--verbosity=0", "--command", _STUDIES.format(slug=slug))
        yield running.url, running.create_token(slug, "api.read", "api.write")


@pytest.fixture(scope="module")
def described(address_and_token: tuple[str, str]) -> Any:
    return schemathesis.openapi.from_url(f"{address_and_token[0]}/api/schema/")


_described = schemathesis.pytest.from_fixture("described")


@pytest.mark.once
@_described.parametrize()
@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Any, address_and_token: tuple[str, str]) -> None:
    headers = {"Authorization": f"Bearer {address_and_token[1]}"}

    case.call_and_validate(headers=headers, checks=CHECKS)


@pytest.mark.once
def test_what_a_study_says_is_as_described(described: Any, address_and_token: tuple[str, str]) -> None:
    case = described["/api/v1/changes"]["GET"].Case(query={"after": 0})

    answer = case.call(headers={"Authorization": f"Bearer {address_and_token[1]}"})

    case.validate_response(answer, checks=CHECKS)
    assert [row["state"] for row in answer.json()["changes"]] == ["ready", "destroyed"]


def test_every_address_of_the_api_is_described() -> None:
    patterns = [str(found.pattern) for found in urls.urlpatterns]

    assert {f"/{found}" for found in patterns if found.startswith("api/v1/")} == openapi.document()["paths"].keys()


@pytest.mark.django_db
def test_the_description_needs_no_credential(client: Client) -> None:
    answer = client.get("/api/schema/")

    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")


@pytest.mark.django_db
def test_a_program_needs_no_page_of_ours() -> None:
    token = accounts.create_token(actor=system_actor(make_tenant().id), name="t", scopes=["api.write"])
    program = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
    plan = {"external_id": "1", "patient_id": "P", "family_name": "D", "date": "2026-03-31"}

    answer = program.post("/api/v1/appointments", plan, content_type="application/json")

    assert answer.json() == {"added": 1, "changed": 0}
