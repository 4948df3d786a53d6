"""The bin as a page."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from audit import selectors as audit
from common.scope import tenant_scope
from pacs.contexts import bin as contexts
from tests.factories.rows import make_row
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
DELETED = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/studies/bin/").status_code == 200
    return len(queries)


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["technician", "radiologist", "dentist", "assistant", "compliance_officer", "auditor"])
def test_who_may_take_nothing_out_does_not_see_the_bin(enter: Enter, role: str) -> None:
    assert enter(role).get("/studies/bin/").status_code == 403


def test_the_bin_tells_what_was_deleted_and_by_whom(tenant: Tenant, enter: Enter) -> None:
    study, owner = make_study(tenant.id, PatientName="Phantom^Petra"), enter("owner")
    owner.post(f"/studies/{study.id}/delete/")

    page = text(enter("administrator").get("/studies/bin/"))

    assert "Phantom, Petra" in page
    assert ">Person<" in page
    assert f'action="/studies/{study.id}/restore/"' in page


@pytest.mark.req("PA-07")
def test_who_saw_which_studies_in_the_bin_is_in_the_audit_log(tenant: Tenant, enter: Enter) -> None:
    study, owner = make_study(tenant.id), enter("owner")
    owner.get("/studies/bin/")
    owner.post(f"/studies/{study.id}/delete/")

    owner.get("/studies/bin/")

    with tenant_scope(tenant.id):
        (entry,) = audit.list_events(audit.Filter(action="studies.searched"))
    assert entry.detail == {"found": 1, "level": "bin", "studies": [str(study.id)]}


@pytest.mark.req("PA-06")
def test_a_stranger_sees_and_takes_nothing_out(tenant: Tenant, enter: Enter, stranger: Client) -> None:
    study = make_study(tenant.id)
    enter("owner").post(f"/studies/{study.id}/delete/")

    assert "Phantom" not in text(stranger.get("/studies/bin/"))
    assert stranger.post(f"/studies/{study.id}/restore/").status_code == 404


def test_a_study_that_was_stored_again_cannot_come_back_and_says_why(tenant: Tenant, enter: Enter) -> None:
    study, owner = make_study(tenant.id), enter("owner")
    owner.post(f"/studies/{study.id}/delete/")
    make_study(tenant.id)

    answer = owner.post(f"/studies/{study.id}/restore/")

    assert answer.status_code == 409
    assert "Delete that copy first" in text(answer)


def test_an_empty_bin_says_so(enter: Enter) -> None:
    assert "The bin is empty" in text(enter("owner").get("/studies/bin/"))


def test_older_deletions_are_on_further_pages(tenant: Tenant, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "PAGE_ROWS", 1)
    make_row(tenant.id, name="Second^S", deleted_at=DELETED)
    newer = make_row(tenant.id, name="First^F", deleted_at=DELETED + dt.timedelta(hours=1))
    owner = enter("owner")

    first, second = text(owner.get("/studies/bin/")), text(owner.get(f"/studies/bin/?cursor={newer.id}"))

    assert f'href="?cursor={newer.id}"' in first
    assert "Second, S" not in first
    assert "Second, S" in second
    assert "Newest" in second


@pytest.mark.usefixtures("long_memory")
def test_the_queries_do_not_grow_with_the_rows(tenant: Tenant, enter: Enter) -> None:
    owner = enter("owner")
    make_row(tenant.id, deleted_at=DELETED)
    owner.get("/studies/bin/")
    few = count_queries(owner)
    for _ in range(10):
        make_row(tenant.id, deleted_at=DELETED)

    assert count_queries(owner) == few
