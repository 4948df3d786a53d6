"""HEAD: what a GET would say above its body, and nothing is sent, counted or written down."""

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor, ActorKind, Grant
from common.ids import uuid7
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.dicomweb.urls import urlpatterns
from pacs.models import Study
from tests.pacs.dicomweb import acting
from tests.pacs.dicomweb.requests import content_of

pytestmark = pytest.mark.django_db

UIDS = {
    "<uid:study>": make_uid("s", "study"),
    "<uid:series>": make_uid("s", "series"),
    "<uid:instance>": make_uid("s", "instance", 1),
    "<frames:frames>": "1",
    "<tags:path>": "7FE00010",
}


def addresses() -> list[str]:
    found = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if route and "GET" in pattern.callback.methods:  # type: ignore[attr-defined]
            for name, value in UIDS.items():
                route = route.replace(name, value)
            found.append(f"/dicom-web/{route}")
    return found


def told(response: HttpResponseBase) -> dict[str, str]:
    """Return the headers; boundaries are random, and the client of the tests is told how long a whole body is."""
    headers = {name: value.partition("boundary=")[0] for name, value in response.items()}
    return headers if response.streaming else {"Content-Length": str(len(content_of(response))), **headers}


def events(tenant: Tenant) -> int:
    with tenant_scope(tenant.id):
        return int(AuditEvent.objects.count())


@pytest.mark.req("BR-13")
@pytest.mark.parametrize("path", addresses())
def test_every_resource_tells_by_head_what_it_tells_by_get(
    web: Client, tenant: Tenant, study: Study, path: str
) -> None:
    before = events(tenant)
    head = web.head(path)
    assert content_of(head) == b""
    assert events(tenant) == before
    whole = web.get(path)
    assert (head.status_code, whole.status_code) == (200, 200)
    assert told(head) == told(whole)


def test_a_head_is_no_look_that_lets_a_later_read_go_unwritten(web: Client, tenant: Tenant, study: Study) -> None:
    (path,) = [one for one in addresses() if one.endswith("/frames/1")]
    before = events(tenant)
    web.head(path)
    assert events(tenant) == before
    content_of(web.get(path))
    assert events(tenant) == before + 1


def test_a_head_takes_no_download_of_a_link(tenant: Tenant, study: Study) -> None:
    taken: list[int] = []
    grant = Grant(frozenset({study.id}), frozenset({"view", "download_dicom"}), begin_download=lambda: taken.append(1))
    guest = Actor(tenant_id=tenant.id, kind=ActorKind.GUEST, id=uuid7(), roles=frozenset({"guest"}), grant=grant)
    acting.present([guest])
    path = f"/dicom-web/studies/{study.study_instance_uid}"
    assert [Client().head(path).status_code, taken] == [200, []]
    assert [Client().get(path).status_code, taken] == [200, [1]]


@pytest.mark.parametrize("path", ["studies/1.2.3", "nothing", "studies/1.2.3/series/1.2.4/instances/1.2.5/frames/1"])
def test_what_is_not_there_is_not_there_by_head(web: Client, study: Study, path: str) -> None:
    assert web.head(f"/dicom-web/{path}").status_code == 404


def test_a_stranger_learns_nothing_by_head(study: Study) -> None:
    assert Client().head(f"/dicom-web/studies/{study.study_instance_uid}").status_code == 401


def test_what_is_not_acceptable_is_not_by_head(web: Client, study: Study) -> None:
    assert web.head(addresses()[1], headers={"Accept": "text/html"}).status_code == 406
