"""The page of documents, and the documents by their addresses."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit import selectors as audit
from common.clock import now
from common.scope import tenant_scope
from compliance.documents import snapshots
from compliance.documents.content import keep_until
from compliance.models import Snapshot
from tests.factories.analysis import Walk, make_issued, make_practice
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_tenant

pytestmark = pytest.mark.django_db

KINDS = ("pdf", "json", "csv")


@pytest.fixture
def issued() -> Walk:
    walk = make_issued()
    walk.practice.deliver()
    return walk


@pytest.fixture
def officer(issued: Walk) -> Client:
    return browser_of(issued.officer)


def addresses(walk: Walk) -> Iterator[str]:
    with tenant_scope(walk.officer.tenant_id):
        row = snapshots.latest_snapshot()
    assert row is not None
    yield from (f"/compliance/documents/{row.id}.{kind}" for kind in KINDS)


@pytest.mark.req("RA-14")
def test_the_issued_analysis_is_at_hand_as_pdf_json_and_csv(issued: Walk, officer: Client) -> None:
    assert "Issue 1" in officer.get("/compliance/documents/").content.decode()

    answers = [officer.get(address) for address in addresses(issued)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[0].content.startswith(b"%PDF")
    assert answers[1].json()["format"] == "bitewing-risk-analysis"
    assert answers[2].content.startswith(b'"number","state"')


def test_each_reading_of_a_document_is_in_the_access_log(issued: Walk, officer: Client) -> None:
    for address in addresses(issued):
        officer.get(address)

    with tenant_scope(issued.officer.tenant_id):
        assert len(audit.list_events(audit.Filter(action="document.read"))) == 3


def test_drafts_are_there_at_any_time() -> None:
    practice = make_practice()
    officer = browser_of(practice.officer)
    assert [officer.get(f"/compliance/documents/draft.{kind}").status_code for kind in KINDS] == [404] * 3

    practice.start()

    answers = [officer.get(f"/compliance/documents/draft.{kind}") for kind in KINDS]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[1].json()["is_draft"] is True


def test_checking_reads_all_issues_again(issued: Walk, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it is as it was" in officer.post("/compliance/documents/check/").content.decode()

    monkeypatch.setattr("compliance.files.read", lambda **_named: b"")

    assert "Something is not as it was issued" in officer.post("/compliance/documents/check/").content.decode()


def test_the_auditor_reads_every_document(issued: Walk) -> None:
    auditor = enter_as(issued.practice.tenant, "auditor")

    assert [auditor.get(address).status_code for address in addresses(issued)] == [200] * 3
    assert auditor.get("/compliance/documents/draft.json").status_code == 200


@pytest.mark.parametrize("role", ["dentist", "technician"])
def test_who_does_not_read_compliance_gets_no_document(issued: Walk, role: str) -> None:
    member = enter_as(issued.practice.tenant, role)

    assert [member.get(address).status_code for address in addresses(issued)] == [403] * 3
    assert member.get("/compliance/documents/draft.pdf").status_code == 403


def test_a_second_practice_finds_no_document_of_the_first(issued: Walk) -> None:
    other = enter_as(make_tenant(), "owner")

    assert [other.get(address).status_code for address in addresses(issued)] == [404] * 3


def test_the_page_asks_under_twelve_questions_after_five_years(
    issued: Walk, officer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with tenant_scope(issued.officer.tenant_id):
        Snapshot.objects.bulk_create(
            Snapshot(
                tenant_id=issued.officer.tenant_id,
                analysis_id=issued.id,
                issue_number=number,
                sequence=number,
                data_blob_id=issued.id,
                data_sha256="1" * 64,
                pdf_blob_id=issued.id,
                pdf_sha256="1" * 64,
                previous_sha256="1" * 64,
                signer_id=issued.officer.id,
                signer_name="Person",
                issued_at=now(),
                keep_until_date=keep_until(now(), 6),
            )
            for number in range(2, 62)
        )
    officer.get("/compliance/documents/")

    with django_assert_max_num_queries(12):
        assert "Issue 61" in officer.get("/compliance/documents/").content.decode()
