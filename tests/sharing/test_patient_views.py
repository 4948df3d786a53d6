"""The pages of a patient and of the desk, in a browser."""

import re
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Tenant
from audit import selectors as audit_log
from audit import services as audit
from audit import verify_audit
from common.scope import tenant_scope
from pacs.models import Study
from sharing import services
from sharing.models import ShareLink
from tests.factories.browsers import browser_of
from tests.factories.cast import make_actor
from tests.factories.patients import EMAIL, Admitted, admit, walk_in
from tests.factories.queries import questions
from tests.factories.sharing import make_study, newest_code, share
from tests.factories.studies import make_study as store_study

pytestmark = pytest.mark.django_db
MAX_QUERIES = 12


@pytest.fixture
def admitted(tenant: Tenant) -> Admitted:
    """A patient with a real study of four slices."""
    return admit(tenant, store_study(tenant.id, "patient", 4, prepared=True, StudyDescription="Whole jaw"))


@pytest.fixture
def patient(admitted: Admitted) -> Client:
    return walk_in(Client(), admitted)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def log_of(page: str) -> list[tuple[str, str]]:
    """Return who and what of the log's lines."""
    table = page[page.index("Who did what with your images") :]
    cells = [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", table, re.DOTALL)]
    return list(zip(cells[1::5], cells[2::5], strict=True))


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_the_code_is_shown_once(tenant: Tenant) -> None:
    study = make_study(tenant)
    client = browser_of(make_actor(tenant, "technician"))
    shown = text(client.post(f"/studies/{study.id}/patient-access/"))
    again = text(client.get(f"/studies/{study.id}/patient-access/"))
    (code,) = set(re.findall(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>", shown))

    assert "printed, not used" in again
    assert code not in again


def test_the_desk_ends_an_access(tenant: Tenant, admitted: Admitted, patient: Client) -> None:
    answer = browser_of(admitted.desk).post(
        f"/patient-access/{admitted.access_id}/revoke/", {"study": str(admitted.study.id)}
    )

    assert answer["Location"] == f"/studies/{admitted.study.id}/patient-access/"
    assert "Whole jaw" not in text(patient.get("/p/"))


# --- the way in -------------------------------------------------------------------------------------------------------


def test_the_page_without_a_session_is_the_way_in(client: Client) -> None:
    assert "Code on the paper" in text(client.get("/p/"))


@pytest.mark.req("PA-14")
def test_paper_and_mail_lead_to_images_and_report(patient: Client, admitted: Admitted) -> None:
    page = text(patient.get("/p/"))

    assert "Whole jaw" in page
    assert f"/viewer/{admitted.study.id}/" in page
    assert f"/studies/{admitted.study.id}/archive" in page


def test_the_cookie_of_a_patient_is_for_this_site_only(admitted: Admitted, client: Client) -> None:
    walk_in(client, admitted)
    cookie = client.cookies["bitewing-patient"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")


def test_a_wrong_code_is_refused_beside_its_field(client: Client) -> None:
    answer = client.post("/p/enter", {"code": "0000-0000-0000-0000", "email": EMAIL})

    assert answer.status_code == 422
    assert "Ask the practice for a new one" in text(answer)
    assert "0000-0000" not in answer.headers.get("Location", "")


def test_a_browser_that_presented_nothing_is_asked_for_no_code(client: Client) -> None:
    assert client.get("/p/code")["Location"] == "/p/"


def test_a_new_code_can_be_asked_for(admitted: Admitted, client: Client) -> None:
    client.post("/p/enter", {"code": admitted.code, "email": EMAIL})
    client.post("/p/resend")

    assert client.post("/p/code", {"code": newest_code()})["Location"] == "/p/"


def test_leaving_takes_everything_back(patient: Client) -> None:
    answer = patient.post("/p/end")

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "Code on the paper" in text(patient.get("/p/"))


def test_the_front_door_leads_a_patient_to_his_page(patient: Client) -> None:
    assert patient.get("/")["Location"] == "/p/"


# --- what is reached --------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-14")
@pytest.mark.parametrize(
    "path", ["/viewer/{id}/", "/viewer/{id}/scene", "/studies/{id}/archive", "/dicom-web/studies/{uid}/metadata"]
)
def test_a_patient_reaches_his_images(patient: Client, admitted: Admitted, path: str) -> None:
    study = admitted.study

    assert patient.get(path.format(id=study.id, uid=study.study_instance_uid)).status_code == 200


@pytest.mark.req("PA-06")
@pytest.mark.req("PA-26")
@pytest.mark.parametrize(
    "path",
    [
        "/viewer/{id}/",
        "/viewer/{id}/scene",
        "/studies/{id}/",
        "/studies/{id}/archive",
        "/studies/{id}/report/pdf",
        "/studies/{id}/share/",
        "/studies/{id}/patient-access/",
        "/dicom-web/studies/{uid}/metadata",
    ],
)
def test_a_patient_reaches_nothing_of_another_one(patient: Client, admitted: Admitted, path: str) -> None:
    other = store_study(admitted.tenant.id, "another", 1)

    assert patient.get(path.format(id=other.id, uid=other.study_instance_uid)).status_code == 404


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("path", ["/studies/", "/studies/bin/", "/audit/", "/quarantine/", "/studies/figures/"])
def test_the_pages_of_staff_are_closed_to_patients(patient: Client, path: str) -> None:
    assert patient.get(path).status_code in {403, 404}


def test_a_search_by_dicomweb_finds_a_patients_own_studies(patient: Client, admitted: Admitted) -> None:
    store_study(admitted.tenant.id, "another", 1)
    found = patient.get("/dicom-web/studies").json()

    assert [one["0020000D"]["Value"][0] for one in found] == [admitted.study.study_instance_uid]


# --- who has looked ---------------------------------------------------------------------------------------------------


@pytest.mark.req("PA-07")
@pytest.mark.req("X-08")
def test_who_looked_is_told_in_plain_words(patient: Client, admitted: Admitted) -> None:
    reader = make_actor(admitted.tenant, "radiologist")
    audit.open_access(actor=reader, study_id=admitted.study.id, purpose="viewer")

    assert (f"Person (radiologist), {admitted.tenant.name}", "looked at the images") in log_of(text(patient.get("/p/")))


def test_what_the_patient_did_is_his_own(patient: Client, admitted: Admitted) -> None:
    b"".join(patient.get(f"/studies/{admitted.study.id}/archive"))

    assert ("You", "took a copy of the image files") in log_of(text(patient.get("/p/")))


@pytest.mark.usefixtures("frozen_time")
def test_looking_twice_within_an_hour_is_said_once(admitted: Admitted, patient: Client) -> None:
    reader = make_actor(admitted.tenant, "radiologist")
    for _ in range(3):
        with tenant_scope(admitted.tenant.id):
            audit.record(actor=reader, action="study.opened", study_id=admitted.study.id, detail={"purpose": "viewer"})
    lines = [what for _who, what in log_of(text(patient.get("/p/")))]

    assert lines.count("looked at the images") == 1


@pytest.mark.usefixtures("frozen_time")
def test_one_visit_is_one_row_and_each_entry_below_it_has_its_proof(admitted: Admitted, patient: Client) -> None:
    reader = make_actor(admitted.tenant, "radiologist")
    with tenant_scope(admitted.tenant.id):
        events = {
            str(audit.record(actor=reader, action=action, study_id=admitted.study.id))
            for action in ("study.opened", "report.read", "study.exported")
        }
    page = text(patient.get("/p/"))
    rows = [what for who, what in log_of(page) if "(radiologist)" in who]

    assert len(rows) == 1
    assert " ".join(rows[0].split()).startswith(
        "opened the examination, read the report, took a copy of the image files 3 entries"
    )
    assert events <= set(proofs_offered(page))


@pytest.mark.req("PA-06")
def test_the_log_holds_nothing_of_another_patient(patient: Client, admitted: Admitted) -> None:
    other = make_study(admitted.tenant)
    reader = make_actor(admitted.tenant, "owner")
    audit.open_access(actor=reader, study_id=other.id, purpose="viewer")

    assert "(owner)" not in text(patient.get("/p/"))


# --- passing on -------------------------------------------------------------------------------------------------------


def send_on(patient: Client, admitted: Admitted, **fields: object) -> object:
    data = {"email": "new@dentist.example", "studies": [str(admitted.study.id)], "days": "7", "rights": ["report"]}
    return patient.post("/p/share/", {**data, **fields})


@pytest.mark.req("PA-15")
def test_a_patient_passes_his_images_on(patient: Client, admitted: Admitted) -> None:
    page = text(send_on(patient, admitted))

    assert "The link is on its way." in page
    assert "#" not in re.sub(r'href="#main"|icons\.[^"]*#|&#\w+;', "", page)
    assert "new@dentist.example" in text(patient.get("/p/"))


@pytest.mark.req("PA-07")
def test_the_choice_of_images_is_written_down_before_it_is_shown(patient: Client, admitted: Admitted) -> None:
    assert "Whole jaw" in text(patient.get("/p/share/"))
    with tenant_scope(admitted.tenant.id):
        [newest] = audit_log.list_events(audit_log.Filter(action="patient.page-viewed"))
    assert newest.detail["studies"] == [str(admitted.study.id)]


@pytest.mark.req("PA-06")
def test_a_study_of_somebody_else_is_no_choice(patient: Client, admitted: Admitted) -> None:
    other = make_study(admitted.tenant)
    send_on(patient, admitted, studies=[str(other.id)])
    with tenant_scope(admitted.tenant.id):
        assert ShareLink.objects.count() == 0


@pytest.mark.req("X-08")
def test_a_patient_stops_a_share(patient: Client, admitted: Admitted) -> None:
    send_on(patient, admitted)
    with tenant_scope(admitted.tenant.id):
        link = ShareLink.objects.get()
    patient.post(f"/p/shares/{link.id}/stop")
    with tenant_scope(admitted.tenant.id):
        assert ShareLink.objects.get().revoked_at is not None


@pytest.mark.req("PA-06")
def test_nobody_stops_a_share_without_being_its_patient(patient: Client, client: Client, admitted: Admitted) -> None:
    other = share(admitted.tenant)

    assert patient.post(f"/p/shares/{other.link_id}/stop").status_code == 404
    assert client.post(f"/p/shares/{other.link_id}/stop").status_code == 404


# --- what it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("long_memory")
def test_the_page_asks_few_questions_however_much_there_is(patient: Client, admitted: Admitted) -> None:
    reader = make_actor(admitted.tenant, "dentist")
    for _ in range(5):
        more = make_study(admitted.tenant)
        with tenant_scope(admitted.tenant.id):
            Study.objects.filter(id=more.id).update(patient=admitted.study.patient)
        terms = services.Terms(recipient_email="r@practice.example")
        services.share_studies(actor=reader, study_ids=[more.id], terms=terms)
    patient.get("/p/")
    with questions() as asked:
        patient.get("/p/")

    assert len(asked) <= MAX_QUERIES


# --- proofs -----------------------------------------------------------------------------------------------------------


def proofs_offered(page: str) -> list[str]:
    """Return the entries for which the page offers a proof."""
    return re.findall(r'name="event" value="([0-9a-f-]{36})"', page)


def sign(tenant: Tenant) -> None:
    while audit.sequence(tenant_id=tenant.id):
        pass
    audit.sign_checkpoint(tenant_id=tenant.id)


@pytest.mark.req("X-02")
def test_every_line_of_the_log_has_a_proof_that_the_verifier_takes(
    tenant: Tenant, patient: Client, tmp_path: Path
) -> None:
    offered = proofs_offered(text(patient.get("/p/")))
    sign(tenant)
    answers = [patient.post("/p/proof", {"event": event}) for event in offered]
    verdicts = []
    for answer in answers:
        (tmp_path / "line").write_bytes(answer.content)
        verdicts.append(verify_audit.main([str(tmp_path / "line")]))
    assert len(offered) >= 1
    assert set(verdicts) == {0}


@pytest.mark.req("X-02")
def test_a_line_that_the_page_does_not_show_has_no_proof_for_the_patient(
    tenant: Tenant, admitted: Admitted, patient: Client
) -> None:
    others = audit.record(actor=admitted.desk, action="study.opened", study_id=make_study(tenant).id)
    inner = audit.record(actor=admitted.desk, action="study.assigned", study_id=admitted.study.id)
    sign(tenant)
    answers = [patient.post("/p/proof", {"event": str(event)}).status_code for event in (others, inner)]
    assert answers == [404, 404]


@pytest.mark.req("X-02")
def test_a_stranger_gets_no_proof(tenant: Tenant, admitted: Admitted) -> None:
    event = audit.record(actor=admitted.desk, action="study.opened", study_id=admitted.study.id)
    sign(tenant)
    assert Client().post("/p/proof", {"event": str(event)}).status_code == 404
