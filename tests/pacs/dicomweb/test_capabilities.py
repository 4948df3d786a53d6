"""What the services tell of themselves (PS3.18 8.9)."""

import pytest
from defusedxml import ElementTree
from django.test import Client

from accounts.models import Tenant
from pacs.dicomweb import capabilities, urls
from pacs.models import Study
from tests.pacs.dicomweb.conftest import TokenClient
from tests.pacs.dicomweb.requests import address

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13")]

WADL = "{http://wadl.dev.java.net/2009/02}"


def described(client: Client) -> dict[str, dict[str, list[str]]]:
    """Return paths, their methods, and what each gives."""
    response = client.options("/dicom-web/")
    assert (response.status_code, response["Content-Type"]) == (200, capabilities.MEDIA_TYPE)
    (resources,) = ElementTree.fromstring(response.content)
    return {
        resource.attrib["path"]: {
            method.attrib["name"]: [
                media.attrib["mediaType"] for media in method.findall(f"{WADL}response/{WADL}representation")
            ]
            for method in resource.findall(f"{WADL}method")
        }
        for resource in resources
    }


def test_every_address_is_described_with_its_methods(web: Client) -> None:
    found = described(web)
    assert len(found) == 25
    assert set(found["studies"]) == {"GET", "POST"}
    assert set(found["studies/{study}"]) == {"DELETE", "GET", "POST"}
    instance = "studies/{study}/series/{series}/instances/{instance}"
    assert found[f"{instance}/metadata"]["GET"] == [
        "application/dicom+json",
        "application/json",
        'multipart/related; type="application/dicom+xml"',
    ]
    assert found[f"{instance}/frames/{{frames}}/rendered"]["GET"][:3] == ["image/jpeg", "image/gif", "image/png"]
    assert all(media for methods in found.values() for name, media in methods.items() if name != "DELETE")


def test_what_is_described_is_what_the_addresses_know() -> None:
    (pattern,) = [one for one in urls.urlpatterns if str(one.pattern) == "studies/<uid:study>"]
    assert capabilities.methods_of(pattern) == ("DELETE", "GET", "POST")


def test_the_description_is_had_by_get_too(web: Client) -> None:
    response = web.get("/dicom-web/capabilities", headers={"Accept": "application/xml"})
    assert response["Content-Type"] == "application/xml"
    assert ElementTree.fromstring(response.content).tag == f"{WADL}application"


def test_a_description_in_another_format_is_not_offered(web: Client) -> None:
    assert web.options("/dicom-web/", headers={"Accept": "text/plain"}).status_code == 406


def test_an_address_tells_its_methods(web: Client, study: Study) -> None:
    response = web.options(address(study))
    assert (response.status_code, response["Allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST")


def test_a_foreign_study_tells_nothing(token_client: TokenClient, other_tenant: Tenant, study: Study) -> None:
    assert token_client(of=other_tenant).options(address(study, "metadata")).status_code == 404


def test_without_a_credential_nothing_is_described(client: Client) -> None:
    assert client.options("/dicom-web/").status_code == 401
