"""The worklist as a page."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from audit import selectors as audit
from common.scope import tenant_scope
from pacs import worklist
from tests.factories.rows import make_report_row, make_row, make_series_row
from tests.factories.sharing import share, walk_in

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
MAX_QUERIES = 12


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/studies/").status_code == 200
    return len(queries)


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
@pytest.mark.parametrize(
    "role",
    ["owner", "administrator", "technician", "radiologist", "dentist", "assistant", "compliance_officer", "auditor"],
)
def test_every_member_sees_the_list(tenant: Tenant, enter: Enter, role: str) -> None:
    make_row(tenant.id, name="Phantom^Petra")

    assert "Phantom, Petra" in text(enter(role).get("/studies/"))


@pytest.mark.req("PA-06")
def test_a_stranger_sees_nothing_of_it(tenant: Tenant, stranger: Client) -> None:
    make_row(tenant.id, name="Phantom^Petra")

    assert "Phantom" not in text(stranger.get("/studies/"))


@pytest.mark.req("PA-06")
def test_nobody_sees_it_without_signing_in(client: Client) -> None:
    assert client.get("/studies/")["Location"] == "/sign-in/?next=%2Fstudies%2F"


def test_a_fragment_asked_for_without_a_session_leads_the_whole_page_to_the_sign_in(client: Client) -> None:
    answer = client.post("/studies/", {}, headers=HTMX)

    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in/")


@pytest.mark.req("PA-06")
def test_a_guest_has_no_worklist(tenant: Tenant, client: Client) -> None:
    walk_in(client, share(tenant))

    assert client.get("/studies/").status_code == 403


@pytest.mark.parametrize("role", ["compliance_officer", "auditor"])
def test_who_may_not_look_at_images_is_offered_no_way_to_them(tenant: Tenant, enter: Enter, role: str) -> None:
    study = make_row(tenant.id)

    page = text(enter(role).get("/studies/"))

    assert f"/viewer/{study.id}/" not in page
    assert f"/studies/{study.id}/" not in page
    assert "/dicom-web/" not in page


# --- what -------------------------------------------------------------------------------------------------------------


def test_a_row_shows_what_a_person_looks_for(tenant: Tenant, enter: Enter) -> None:
    study = make_row(
        tenant.id, name="Phantom^Petra", dicom_patient_id="LI-1", description="Full arch", study_time="1430"
    )
    page = text(enter("technician").get("/studies/"))

    assert all(word in page for word in ("Phantom, Petra", "LI-1", "Full arch", "CT"))
    assert f"/dicom-web/studies/{study.study_instance_uid}/thumbnail" in page


def test_the_states_of_a_study_are_shown_in_words(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id, conflict="demographics")
    make_series_row(make_row(tenant.id), prepared_instances=0)
    make_report_row(make_row(tenant.id), "signed")
    make_report_row(make_row(tenant.id), "draft")

    page = text(enter("technician").get("/studies/"))

    assert all(f">{word}</span>" in page for word in ("held", "ready", "preparing", "report signed", "report draft"))


def test_an_empty_list_says_how_it_fills(enter: Enter) -> None:
    page = text(enter("technician").get("/studies/"))

    assert "No studies yet" in page
    assert "/studies/upload/" in page


def test_a_search_without_a_match_says_what_to_do(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id)

    assert "Try fewer letters" in text(enter("technician").post("/studies/", {"name": "zzz"}))


def test_a_search_narrows_the_list_and_keeps_what_was_typed(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id, name="Phantom^Petra")
    make_row(tenant.id, name="Other^Otto")

    page = text(enter("technician").post("/studies/", {"name": "phan"}))

    assert "Other, Otto" not in page
    assert 'value="phan"' in page


@pytest.mark.parametrize(("searched", "is_open"), [({}, False), ({"name": "pia"}, True)])
def test_the_search_that_a_phone_folds_stands_open_while_one_is_active(
    enter: Enter, searched: dict[str, str], is_open: bool
) -> None:
    fold = text(enter("technician").post("/studies/", searched)).partition('class="search-fold"')[2].partition(">")[0]

    assert (fold.strip() == "open") is is_open


def test_a_fragment_is_the_table_alone(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id, name="Phantom^Petra")

    fragment = text(enter("technician").post("/studies/", {"name": "phan"}, headers=HTMX))

    assert "Phantom, Petra" in fragment
    assert "<html" not in fragment


def test_a_date_that_is_none_is_refused_beside_its_field(enter: Enter) -> None:
    answer = enter("technician").post("/studies/", {"since": "tomorrow"})

    assert answer.status_code == 422
    assert "Enter a valid date." in text(answer)


def test_the_next_and_the_previous_page_are_reached_by_post(
    tenant: Tenant, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "PAGE_ROWS", 1)
    older, newer = make_row(tenant.id, name="Older^O"), make_row(tenant.id, name="Newer^N")
    client = enter("technician")

    second = text(client.post("/studies/", {"cursor": f"after:{newer.id}"}))
    first = text(client.post("/studies/", {"cursor": f"before:{older.id}"}))

    assert "Older, O" in second
    assert "Newer, N" not in second
    assert "Newer, N" in first


@pytest.mark.req("PA-06")
def test_a_search_by_get_is_not_read(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id, name="Phantom^Petra")

    assert "Phantom, Petra" in text(enter("technician").get("/studies/?name=zzz"))


# --- what it costs, and what it leaves --------------------------------------------------------------------------------


@pytest.mark.usefixtures("long_memory")
def test_the_queries_do_not_grow_with_the_rows(tenant: Tenant, enter: Enter) -> None:
    client = enter("technician")
    make_report_row(make_row(tenant.id), "signed")
    client.get("/studies/")
    few = count_queries(client)
    for _ in range(30):
        make_report_row(make_row(tenant.id), "signed")

    assert count_queries(client) == few <= MAX_QUERIES


@pytest.mark.req("PA-07")
def test_a_view_is_in_the_audit_log_with_its_studies_and_without_a_name(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id, name="Phantom^Petra")

    enter("technician").post("/studies/", {"name": "phantom"})

    with tenant_scope(tenant.id):
        (entry,) = audit.list_events(audit.Filter(action="worklist.viewed"))
    assert entry.detail == {"rows": 1, "studies": [str(study.id)]}
