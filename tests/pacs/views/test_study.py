"""The page of a study: who sees what, what may be done there, and what it leaves in the log."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from audit import selectors as audit
from common.ids import NIL
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.models import Study
from sharing import services as sharing
from tests.factories.browsers import enter_as
from tests.factories.rows import make_row, make_series_row
from tests.factories.sharing import RECIPIENT, share, walk_in
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
VIEWERS = ["owner", "administrator", "technician", "radiologist", "dentist", "assistant"]


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def actions(tenant_id: UUID, study_id: UUID) -> list[str]:
    with tenant_scope(tenant_id):
        return [entry.action for entry in audit.list_events(audit.Filter(study_id=study_id))]


def count_queries(client: Client, study: Study) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/studies/{study.id}/").status_code == 200
    return len(queries)


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", VIEWERS)
def test_who_may_look_sees_the_study(tenant: Tenant, enter: Enter, role: str) -> None:
    study = make_row(tenant.id, name="Phantom^Petra")

    assert "Phantom, Petra" in text(enter(role).get(f"/studies/{study.id}/"))


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["compliance_officer", "auditor"])
def test_a_member_without_the_right_is_told_so(tenant: Tenant, enter: Enter, role: str) -> None:
    study = make_row(tenant.id)

    answer = enter(role).get(f"/studies/{study.id}/")

    assert answer.status_code == 403
    assert "ask the administrator" in text(answer)


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("address", ["", "series/", "report/", "report/pdf", f"report/{NIL}/pdf"])
def test_a_foreign_study_does_not_exist(tenant: Tenant, stranger: Client, address: str) -> None:
    study = make_row(tenant.id)

    assert stranger.get(f"/studies/{study.id}/{address}").status_code == 404


def test_what_is_no_uid_leads_nowhere(enter: Enter) -> None:
    assert enter("owner").get("/studies/by-uid/1.2%00/").status_code == 404


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("address", ["delete/", "restore/", "report/"])
def test_nothing_can_be_done_to_a_foreign_study(tenant: Tenant, stranger: Client, address: str) -> None:
    study = make_row(tenant.id)

    assert stranger.post(f"/studies/{study.id}/{address}").status_code in {403, 404}
    assert actions(tenant.id, study.id) == []


def test_a_guest_is_led_to_his_own_page(tenant: Tenant, client: Client) -> None:
    link = share(tenant)
    walk_in(client, link)

    assert client.get(f"/studies/{link.study_ids[0]}/")["Location"] == "/s/studies/"


@pytest.mark.req("PA-06")
def test_a_guest_finds_no_study_that_his_link_does_not_name(tenant: Tenant, client: Client) -> None:
    other = make_row(tenant.id)
    walk_in(client, share(tenant))

    assert client.get(f"/studies/{other.id}/").status_code == 404


def test_a_study_in_the_bin_is_not_found(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id)
    owner = enter("owner")
    owner.post(f"/studies/{study.id}/delete/")

    assert owner.get(f"/studies/{study.id}/").status_code == 404


# --- what -------------------------------------------------------------------------------------------------------------


def test_each_series_has_its_film_and_its_warnings(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id)
    warning = "2 slices are missing between 31.5 mm and 32.4 mm"
    series = make_series_row(study, description="Upper jaw", layout={"kind": "volume", "warnings": [warning]})

    page = text(enter("dentist").get(f"/studies/{study.id}/"))

    assert warning in page
    assert "Upper jaw" in page
    assert f"/dicom-web/studies/{study.study_instance_uid}/series/{series.series_instance_uid}/thumbnail" in page


def test_a_stored_study_is_prepared_and_then_shows_its_film(tenant: Tenant, enter: Enter) -> None:
    study, dentist = make_study(tenant.id), enter("dentist")

    while_preparing = text(dentist.get(f"/studies/{study.id}/series/"))
    outbox.drain([tenant.id])
    prepared = text(dentist.get(f"/studies/{study.id}/series/"))

    assert "hx-trigger" in while_preparing
    assert "/thumbnail" not in while_preparing
    assert "hx-trigger" not in prepared
    assert "/thumbnail" in prepared


def test_a_study_whose_patient_is_in_doubt_says_what_to_do(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id, conflict="demographics")

    assert "Until that is settled the study cannot be shared" in text(enter("technician").get(f"/studies/{study.id}/"))


def test_the_links_to_a_study_are_listed_with_their_state(tenant: Tenant, enter: Enter) -> None:
    ended, running = share(tenant), share(tenant)
    sharing.revoke_link(actor=ended.sender, link_id=ended.link_id)
    dentist = enter("dentist")

    assert f"/shares/{running.link_id}/revoke/" in text(dentist.get(f"/studies/{running.study_ids[0]}/"))
    page = text(dentist.get(f"/studies/{ended.study_ids[0]}/"))
    assert RECIPIENT in page
    assert re.search(r">\s*revoked\s*</span>", page)
    assert f"/shares/{ended.link_id}/revoke/" not in page


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("owner", {"share/", "archive", "delete/"}),
        ("technician", {"share/", "archive"}),
        ("radiologist", {"share/", "archive", "report/"}),
        ("assistant", set()),
    ],
)
def test_only_what_a_role_may_do_is_offered(tenant: Tenant, enter: Enter, role: str, offered: set[str]) -> None:
    study = make_row(tenant.id)

    page = text(enter(role).get(f"/studies/{study.id}/"))

    known = {"share/", "archive", "delete/", "report/"}
    assert {address for address in known if f'"/studies/{study.id}/{address}"' in page} == offered


def test_the_uid_leads_to_the_page(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id)

    answer = enter("technician").get(f"/studies/by-uid/{study.study_instance_uid}/")

    assert answer["Location"] == f"/studies/{study.id}/"


@pytest.mark.req("PA-06")
def test_the_uid_of_a_foreign_study_leads_nowhere(tenant: Tenant, stranger: Client) -> None:
    study = make_row(tenant.id)

    assert stranger.get(f"/studies/by-uid/{study.study_instance_uid}/").status_code == 404


@pytest.mark.req("PA-06")
def test_no_address_on_the_page_holds_a_value_of_the_patient(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id, name="Zyxwv^Petra", dicom_patient_id="PID-4711", accession_number="ACC-0815")

    page = text(enter("owner").get(f"/studies/{study.id}/"))

    addresses = " ".join(re.findall(r'(?:href|src|action|hx-get|hx-post)="([^"]*)"', page)).lower()
    assert not any(value in addresses for value in ("zyxwv", "petra", "pid-4711", "acc-0815"))


@pytest.mark.usefixtures("long_memory")
def test_the_queries_do_not_grow_with_the_series(tenant: Tenant, enter: Enter) -> None:
    study, owner = make_row(tenant.id), enter("owner")
    owner.get(f"/studies/{study.id}/")
    few = count_queries(owner, study)
    for _ in range(10):
        make_series_row(study)

    assert count_queries(owner, study) == few


# --- the log ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-07")
def test_opening_the_page_is_in_the_audit_log(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id)

    enter("dentist").get(f"/studies/{study.id}/")

    with tenant_scope(tenant.id):
        (entry,) = audit.list_events(audit.Filter(study_id=study.id))
    assert (entry.action, entry.detail) == ("study.opened", {"purpose": "study-page"})


@pytest.mark.req("PA-07")
def test_the_owner_reads_on_the_page_who_has_looked(tenant: Tenant, enter: Enter) -> None:
    link = share(tenant)
    enter("assistant").get(f"/studies/{link.study_ids[0]}/")

    page = text(enter("owner").get(f"/studies/{link.study_ids[0]}/"))

    assert "Who has looked" in page
    assert page.count("Opened the study") == 2
    assert "Made a link" in page


def test_who_may_not_read_the_log_sees_none_of_it(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id)

    assert "Who has looked" not in text(enter("dentist").get(f"/studies/{study.id}/"))


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_a_deleted_study_can_be_taken_back_from_the_worklist_at_once(tenant: Tenant) -> None:
    study, owner = make_study(tenant.id), enter_as(tenant, "owner")

    assert owner.post(f"/studies/{study.id}/delete/")["Location"] == "/studies/"
    undo = f'name="study" value="{study.id}"'
    assert undo in text(owner.get("/studies/"))
    assert undo not in text(owner.get("/studies/"))
    assert owner.post("/studies/bulk/", {"action": "restore", "study": [str(study.id)]}).status_code == 302
    assert owner.get(f"/studies/{study.id}/").status_code == 200


@pytest.mark.parametrize("role", ["technician", "dentist", "radiologist", "assistant"])
def test_others_delete_nothing(tenant: Tenant, enter: Enter, role: str) -> None:
    study = make_row(tenant.id)

    assert enter(role).post(f"/studies/{study.id}/delete/").status_code == 403
    assert actions(tenant.id, study.id) == []


def test_a_study_is_not_deleted_by_following_an_address(tenant: Tenant, enter: Enter) -> None:
    study = make_row(tenant.id)

    assert enter("owner").get(f"/studies/{study.id}/delete/").status_code == 404
    assert actions(tenant.id, study.id) == []


def test_a_post_without_the_token_of_the_form_is_refused(tenant: Tenant) -> None:
    study = make_row(tenant.id)
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = enter_as(tenant, "owner").cookies

    answer = browser.post(f"/studies/{study.id}/delete/")

    assert answer.status_code == 403
    assert "open too long" in text(answer)
    assert actions(tenant.id, study.id) == []
