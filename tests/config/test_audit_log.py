"""The access log as a page and as a file."""

import csv
import datetime as dt
import io
import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import selectors as accounts
from accounts.models import Tenant
from audit import selectors as audit
from audit import services as audit_services
from common.actor import Actor, system_actor
from common.scope import tenant_scope
from config.pages import audit_log
from config.pages.audit_log import harmless
from pacs.contexts import access_log
from tests.contracts.house import texts
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.rows import make_row
from tests.factories.sharing import RECIPIENT, share, walk_in

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def record(actor: Actor, action: str = "study.opened", study_id: UUID | None = None, **detail: str) -> UUID:
    return audit_services.record(actor=actor, action=action, study_id=study_id, detail=detail)


def table(page: str) -> list[str]:
    """Return the codes of the actions that a page lists."""
    return re.findall(r'<span title="([a-z.-]+)">', page)


def export(browser: Client, **fields: str) -> list[dict[str, str]]:
    answer = browser.post("/audit/export/", fields)
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def count_queries(browser: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/audit/").status_code == 200
    return len(queries)


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("owner", 200),
        ("compliance_officer", 200),
        ("auditor", 200),
        ("administrator", 403),
        ("technician", 403),
        ("radiologist", 403),
        ("dentist", 403),
        ("assistant", 403),
    ],
)
def test_only_who_may_read_the_log_reads_and_exports_it(tenant: Tenant, role: str, status: int) -> None:
    browser = enter_as(tenant, role)

    assert browser.get("/audit/").status_code == status
    assert browser.post("/audit/export/").status_code == status


@pytest.mark.req("PA-06")
def test_a_stranger_reads_nothing_of_it(tenant: Tenant) -> None:
    record(system_actor(tenant.id), "report.signed")
    stranger = enter_as(make_tenant(), "owner")

    assert "report.signed" not in table(text(stranger.get("/audit/")))
    assert "report.signed" not in {row["action"] for row in export(stranger)}


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-07")
def test_an_entry_says_who_did_what_on_which_study_and_when(tenant: Tenant, officer: Client) -> None:
    study = make_row(tenant.id, name="Phantom^Petra", study_date=dt.date(2026, 10, 1))
    record(make_actor(tenant, "dentist"), study_id=study.id)

    page = text(officer.get("/audit/"))

    assert all(words in page for words in ("Person", "staff", "Opened the study", "Phantom, Petra, 2026-10-01"))


@pytest.mark.req("PA-07")
def test_a_picture_in_a_list_is_no_opened_study(tenant: Tenant, officer: Client) -> None:
    study = make_row(tenant.id)
    record(make_actor(tenant, "dentist"), study_id=study.id, purpose="thumbnail")

    page = text(officer.get("/audit/"))

    assert table(page)[0] == "study.opened"
    assert "Saw a small picture of the study" in page
    assert "purpose" not in page


@pytest.mark.req("PA-07")
def test_a_guest_has_the_name_of_the_recipient(tenant: Tenant, officer: Client, client: Client) -> None:
    walk_in(client, share(tenant))

    page = text(officer.get("/audit/"))

    assert RECIPIENT in page
    assert "Came in by a link" in page


def test_a_study_in_the_bin_keeps_its_entries_without_its_name(tenant: Tenant, officer: Client) -> None:
    study = make_row(tenant.id, name="Phantom^Petra", deleted_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    record(make_actor(tenant, "dentist"), study_id=study.id)

    page = text(officer.get("/audit/"))

    assert "a deleted study" in page
    assert "Petra" not in page


def test_an_owner_gets_to_the_study_and_an_auditor_does_not(tenant: Tenant) -> None:
    study = make_row(tenant.id)
    record(system_actor(tenant.id), study_id=study.id)

    assert f'href="/studies/{study.id}/"' in text(enter_as(tenant, "owner").get("/audit/"))
    assert f'href="/studies/{study.id}/"' not in text(enter_as(tenant, "auditor").get("/audit/"))


def test_it_narrows_to_an_action_a_person_and_a_study(tenant: Tenant, officer: Client) -> None:
    study, dentist = make_row(tenant.id), make_actor(tenant, "dentist")
    record(dentist, "report.read", study.id)
    record(system_actor(tenant.id), "study.stored")

    for narrowed in ({"action": "report.read"}, {"actor": str(dentist.id)}, {"study": str(study.id)}):
        assert table(text(officer.post("/audit/", narrowed))) == ["report.read"]


@pytest.mark.usefixtures("frozen_time")
def test_the_last_day_of_a_range_is_part_of_it(tenant: Tenant, officer: Client) -> None:
    record(system_actor(tenant.id), "study.stored")
    today = dt.datetime.now(dt.UTC).date()  # noqa: TID251  the clock of the events that were just made
    yesterday = today - dt.timedelta(days=1)

    assert "study.stored" in table(text(officer.post("/audit/", {"since": today, "until": today})))
    assert table(text(officer.post("/audit/", {"until": yesterday}))) == []


def test_a_filter_that_is_not_understood_is_refused(officer: Client) -> None:
    assert officer.post("/audit/", {"since": "soon"}).status_code == 422
    assert officer.post("/audit/export/", {"since": "soon"}).status_code == 422


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("day", [dt.date.min, dt.date.max, dt.date(1, 1, 2), dt.date(9999, 12, 30)])
def test_the_first_and_the_last_day_that_there_are_may_be_asked_for(
    tenant: Tenant, officer: Client, zone: str, day: dt.date
) -> None:
    Tenant.objects.filter(id=tenant.id).update(time_zone=zone)
    accounts.forget()

    answers = {officer.get("/audit/", {name: f"{day}"}).status_code for name in ("since", "until")}

    assert answers <= {200, 422}


def test_older_entries_are_on_further_pages(tenant: Tenant, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE_ROWS", 1)
    record(system_actor(tenant.id), "study.stored")
    newer = record(system_actor(tenant.id), "report.signed")

    assert table(text(officer.get("/audit/"))) == ["report.signed"]
    assert table(text(officer.post("/audit/", {"cursor": str(newer)}))) == ["study.stored"]


@pytest.mark.usefixtures("long_memory")
def test_the_queries_do_not_grow_with_the_rows(tenant: Tenant, officer: Client) -> None:
    dentist = make_actor(tenant, "dentist")
    record(dentist, study_id=make_row(tenant.id).id)
    officer.get("/audit/")
    few = count_queries(officer)
    for _ in range(10):
        record(dentist, study_id=make_row(tenant.id).id)

    assert count_queries(officer) == few


@pytest.mark.req("PA-07")
def test_reading_the_log_is_in_the_log(tenant: Tenant, officer: Client) -> None:
    officer.get("/audit/")

    with tenant_scope(tenant.id):
        assert audit.list_events(audit.Filter(action="audit.viewed"))


def test_every_action_that_the_code_records_has_words() -> None:
    code = "\n".join(body for path, body in texts(".py").items() if not path.startswith("tests/"))
    # What happened is a past participle; what a role may do (`study.view`) is not.
    recorded = set(re.findall(r'action="(\w+\.[a-z-]+(?:ed|en|read|started))"', code))

    assert recorded - access_log.ACTIONS.keys() == set()
    assert len(recorded) > 10


def test_every_purpose_of_opening_a_study_has_words() -> None:
    code = "\n".join(body for path, body in texts(".py").items() if not path.startswith(("tests/", "tooling/")))
    purposes = set(re.findall(r'open_access\([^()]*"([a-z-]+)"\)', code))

    assert purposes - access_log.OPENINGS.keys() == set()
    assert len(purposes) > 10


# --- export -----------------------------------------------------------------------------------------------------------


def test_the_export_holds_every_matching_entry_over_many_pages(
    tenant: Tenant, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "EXPORT_ROWS", 2)
    ids = [str(make_row(tenant.id).id) for _ in range(5)]
    dentist = make_actor(tenant, "dentist")
    for study_id in ids:
        record(dentist, study_id=UUID(study_id))

    rows = export(officer, action="study.opened")

    assert [row["study_id"] for row in rows] == ids[::-1]
    assert {(row["actor"], row["actor_kind"]) for row in rows} == {("Person", "user")}


@pytest.mark.req("PA-07")
def test_the_export_is_in_the_log_before_its_first_line(tenant: Tenant, officer: Client) -> None:
    answer = officer.post("/audit/export/", {"action": "study.opened"})

    with tenant_scope(tenant.id):
        (entry,) = audit.list_events(audit.Filter(action="audit.exported"))
    assert entry.detail == {"action": "study.opened"}
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


def test_an_export_ends_when_the_right_to_it_does(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_actor(tenant, "compliance_officer")
    browser = browser_of(actor)
    answer = browser.post("/audit/export/")
    monkeypatch.setattr("accounts.selectors.roles_in", lambda **_: frozenset())

    assert len(answer.getvalue().decode().splitlines()) == 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert harmless("Dr. Wolfe - Harbor") == "Dr. Wolfe - Harbor"
