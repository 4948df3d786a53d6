"""Ranges and entity tags: a download goes on where it broke off, and is not sent twice (RFC 9110 13 and 14)."""

import pytest
from django.test import Client

from accounts.models import Tenant
from audit.models import AuditEvent
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.factories.studies import make_dicom
from tests.pacs.dicomweb.requests import address, content_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13")]

FILE = make_dicom("s", 1)
PIXELS = "bulkdata/7FE00010"


def path(study: Study, *rest: str) -> str:
    return address(study, "series", make_uid("s", "series"), "instances", make_uid("s", "instance", 1), *rest)


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=700-", 700, len(FILE)),
        ("bytes=-100", len(FILE) - 100, len(FILE)),
        ("bytes=0-999999999", 0, len(FILE)),
        ("bytes=-999999999", 0, len(FILE)),
    ],
)
def test_a_range_of_an_instance_is_sent(web: Client, study: Study, asked: str, begin: int, end: int) -> None:
    response = web.get(path(study), headers={"Accept": "application/dicom", "Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {begin}-{end - 1}/{len(FILE)}"
    assert content_of(response) == FILE[begin:end]
    assert response["Content-Length"] == str(end - begin)


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-3", "bytes=-", "pages=1-2", "bytes=a-b"])
def test_what_is_no_single_range_gives_the_whole(web: Client, study: Study, asked: str) -> None:
    response = web.get(path(study), headers={"Accept": "application/dicom", "Range": asked})
    assert (response.status_code, content_of(response)) == (200, FILE)
    assert response["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_416(web: Client, study: Study, asked: str) -> None:
    response = web.get(path(study), headers={"Accept": "application/dicom", "Range": asked})
    assert (response.status_code, response.json()["type"]) == (416, "urn:bitewing:bad-range")


def test_pixels_are_had_in_ranges_too(web: Client, study: Study) -> None:
    accept = {"Accept": "application/octet-stream"}
    whole = content_of(web.get(path(study, PIXELS), headers=accept))
    part = web.get(path(study, PIXELS), headers={**accept, "Range": "bytes=10-19"})
    assert (part.status_code, content_of(part)) == (206, whole[10:20])


@pytest.mark.parametrize(
    ("rest", "accept"), [((), "application/dicom"), ((PIXELS,), "application/octet-stream"), (("rendered",), "*/*")]
)
def test_what_the_client_has_is_not_sent_again(web: Client, study: Study, rest: tuple[str, ...], accept: str) -> None:
    tag = web.get(path(study, *rest), headers={"Accept": accept})["ETag"]
    known = web.get(path(study, *rest), headers={"Accept": accept, "If-None-Match": f'"other", W/{tag}'})
    assert (known.status_code, content_of(known), known["ETag"]) == (304, b"", tag)
    changed = web.get(path(study, *rest), headers={"Accept": accept, "If-None-Match": '"other"'})
    assert changed.status_code == 200


def test_what_changed_is_sent_as_a_whole_where_the_rest_was_asked_for(web: Client, study: Study) -> None:
    headers = {"Accept": "application/dicom", "Range": "bytes=5-", "If-Range": '"other"'}
    assert web.get(path(study), headers=headers).status_code == 200


def test_what_is_not_sent_is_not_recorded_as_taken(web: Client, tenant: Tenant, study: Study) -> None:
    tag = web.get(path(study), headers={"Accept": "application/dicom"})["ETag"]
    with tenant_scope(tenant.id):
        before = AuditEvent.objects.filter(action="study.exported").count()
    web.get(path(study), headers={"Accept": "application/dicom", "If-None-Match": tag})
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="study.exported").count() == before == 1
