"""Metadata: the same answer whether it was prepared or is built."""

import gzip

import orjson
import pytest
from django.test import Client

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.models import Series, Study
from tests.factories.studies import make_dicom, make_study, store
from tests.pacs.dicomweb.requests import address, content_of

pytestmark = pytest.mark.django_db
SERIES = make_uid("s", "series")


@pytest.fixture
def prepared(tenant: Tenant) -> Study:
    return make_study(tenant.id, "s", 3, prepared=True)


def test_the_headers_of_all_instances_come_in_order(web: Client, study: Study) -> None:
    response = web.get(address(study, "metadata"))
    assert (response.status_code, response["Content-Type"]) == (200, "application/dicom+json")
    items = orjson.loads(content_of(response))
    assert [item["00080018"]["Value"][0] for item in items] == [make_uid("s", "instance", n) for n in (1, 2, 3)]
    assert items[0]["00280010"] == {"vr": "US", "Value": [16]}
    assert items[0]["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Phantom^Petra"}]}


def test_bulk_data_is_named_by_an_address_that_answers(web: Client, study: Study) -> None:
    (first, *_) = orjson.loads(content_of(web.get(address(study, "metadata"))))
    uri = first["7FE00010"]["BulkDataURI"]
    assert uri == address(study, "series", SERIES, "instances", make_uid("s", "instance", 1), "bulkdata", "7FE00010")
    assert web.get(uri).status_code == 200


def test_one_series_and_one_instance_can_be_asked_for(web: Client, study: Study) -> None:
    series = orjson.loads(content_of(web.get(address(study, "series", SERIES, "metadata"))))
    path = address(study, "series", SERIES, "instances", make_uid("s", "instance", 2), "metadata")
    assert orjson.loads(content_of(web.get(path))) == series[1:2]


def test_what_is_prepared_is_what_would_be_built(web: Client, tenant: Tenant, prepared: Study) -> None:
    path = address(prepared, "series", SERIES, "metadata")
    ready = content_of(web.get(path))
    with tenant_scope(tenant.id):
        Series.objects.update(prepared_instances=0)
    assert ready == content_of(web.get(path))


def test_a_prepared_series_is_sent_as_it_lies(web: Client, prepared: Study) -> None:
    path = address(prepared, "series", SERIES, "metadata")
    response = web.get(path, headers={"Accept-Encoding": "gzip"})
    body = content_of(response)
    assert response["Content-Encoding"] == "gzip"
    assert int(response["Content-Length"]) == len(body)
    assert gzip.decompress(body) == content_of(web.get(path))


@pytest.mark.parametrize("accepted", ["gzip;q=0", "identity, gzip; q=0", "x-gzip2", ""])
def test_who_does_not_take_gzip_gets_none(web: Client, prepared: Study, accepted: str) -> None:
    path = address(prepared, "series", SERIES, "metadata")
    response = web.get(path, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response
    assert orjson.loads(content_of(response))


@pytest.mark.parametrize("path", [["metadata"], ["series", SERIES, "metadata"]])
def test_what_is_built_is_compressed_too(web: Client, study: Study, path: list[str]) -> None:
    response = web.get(address(study, *path), headers={"Accept-Encoding": "gzip, br"})
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(content_of(response)) == content_of(web.get(address(study, *path)))


def test_a_study_joins_its_series(web: Client, tenant: Tenant, prepared: Study) -> None:
    store(tenant.id, [make_dicom("s", 9, SeriesInstanceUID="1.2.3", SeriesNumber=2)])
    items = orjson.loads(content_of(web.get(address(prepared, "metadata"))))
    assert [item["0020000E"]["Value"][0] for item in items] == [SERIES, SERIES, SERIES, "1.2.3"]


def test_an_unchanged_series_is_304(web: Client, prepared: Study) -> None:
    path = address(prepared, "series", SERIES, "metadata")
    tag = web.get(path)["ETag"]
    response = web.get(path, headers={"If-None-Match": tag})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)


def test_a_series_that_grew_is_not_answered_from_what_was_prepared(
    web: Client, tenant: Tenant, prepared: Study
) -> None:
    path = address(prepared, "series", SERIES, "metadata")
    tag = web.get(path)["ETag"]
    store(tenant.id, [make_dicom("s", 4)])
    response = web.get(path, headers={"If-None-Match": tag})
    assert len(orjson.loads(content_of(response))) == 4


@pytest.mark.parametrize("path", [["series", "1.2.3"], ["series", SERIES, "instances", "1.2.3"]])
def test_what_is_not_there_is_404(web: Client, study: Study, path: list[str]) -> None:
    assert web.get(address(study, *path, "metadata")).status_code == 404
