"""The quarantine as a page."""

import html
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.contexts import quarantine as contexts
from pacs.dicom.errors import TruncatedError
from pacs.models import Refusal
from tests.factories.studies import make_dicom, store

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def make_refusal(tenant: Tenant, message: str) -> Refusal:
    with tenant_scope(tenant.id):
        row: Refusal = Refusal.objects.create(tenant=tenant, reason="truncated", message=message, source="stow")
    return row


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/quarantine/").status_code == 200
    return len(queries)


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("owner", 200),
        ("administrator", 200),
        ("technician", 200),
        ("radiologist", 403),
        ("dentist", 403),
        ("assistant", 403),
        ("compliance_officer", 403),
        ("auditor", 403),
    ],
)
def test_who_takes_in_images_sees_what_was_refused(enter: Enter, role: str, status: int) -> None:
    assert enter(role).get("/quarantine/").status_code == status


def test_a_refused_file_is_listed_with_its_reason(tenant: Tenant, enter: Enter) -> None:
    (verdict,) = store(tenant.id, [make_dicom()[:-100]])

    page = text(enter("technician").get("/quarantine/"))

    assert verdict.message in html.unescape(page)
    assert verdict.reason in page


def test_a_reason_is_told_in_the_language_of_the_page(tenant: Tenant, enter: Enter) -> None:
    store(tenant.id, [make_dicom()[:-100]])

    page = text(enter("technician").get("/quarantine/", headers={"Accept-Language": "de"}))

    with translation.override("de"):
        german = translation.gettext(TruncatedError.title)
    assert german in html.unescape(page)
    assert TruncatedError.title not in page


def test_nothing_of_the_quarantine_can_be_downloaded(tenant: Tenant, enter: Enter) -> None:
    store(tenant.id, [make_dicom()[:-100]])

    page = text(enter("technician").get("/quarantine/"))

    assert page.count("<tr>") == 2
    assert "download" not in page
    assert "/dicom-web/" not in page


@pytest.mark.req("PA-06")
def test_a_stranger_sees_nothing_of_it(tenant: Tenant, stranger: Client) -> None:
    make_refusal(tenant, "ours")

    assert "Nothing is in quarantine" in text(stranger.get("/quarantine/"))


def test_older_refusals_are_on_further_pages(tenant: Tenant, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "PAGE_ROWS", 1)
    make_refusal(tenant, "the older one")
    newer = make_refusal(tenant, "the newer one")
    technician = enter("technician")

    assert "the older one" not in text(technician.get("/quarantine/"))
    assert "the older one" in text(technician.get(f"/quarantine/?cursor={newer.id}"))


@pytest.mark.usefixtures("long_memory")
def test_the_queries_do_not_grow_with_the_rows(tenant: Tenant, enter: Enter) -> None:
    technician = enter("technician")
    make_refusal(tenant, "one")
    technician.get("/quarantine/")
    few = count_queries(technician)
    for number in range(10):
        make_refusal(tenant, str(number))

    assert count_queries(technician) == few
