"""The pages of the register: found, rated, dismissed, answered."""

import pytest
from django.test import Client

from compliance.models import Risk
from tests.factories.analysis import Practice, Walk, make_practice, make_small_practice
from tests.factories.browsers import browser_of, enter_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    practice = make_small_practice()
    practice.add_asset("AT-LAPTOP", "Laptop one")
    practice.add_asset("AT-LAPTOP", "Laptop two")
    return practice


@pytest.fixture
def walk(practice: Practice) -> Walk:
    return practice.start()


@pytest.fixture
def web(walk: Walk) -> Client:
    return browser_of(walk.officer)


@pytest.fixture
def risk(walk: Walk) -> Risk:
    return walk.risks(subject_name="Laptop one", threat_id="T-THEFT")[0]


def path_of(risk: Risk, verb: str = "") -> str:
    return f"/compliance/risks/{risk.id}/{verb}"


def text_of(web: Client, path: str) -> str:
    return str(web.get(path).content.decode())


RATING = {"stage": "current", "likelihood": "3", "impact": "4", "reason": "It travels"}


def test_a_risk_is_confirmed_and_rated_in_one_step(walk: Walk, web: Client, risk: Risk) -> None:
    web.post(path_of(risk, "rate/"), RATING)

    (stored,) = walk.risks(id=risk.id)
    assert (stored.state, stored.current_level) == ("confirmed", 3)
    assert "It travels" in text_of(web, path_of(risk))


def test_the_same_rating_goes_to_the_other_assets_of_the_pair(walk: Walk, web: Client, risk: Risk) -> None:
    (other,) = walk.risks(subject_name="Laptop two", threat_id="T-THEFT")
    assert f"R-{other.number} Laptop two" in text_of(web, path_of(risk))
    web.post(path_of(risk, "rate/"), {**RATING, "also": [str(other.id)]})

    assert walk.risks(id=other.id)[0].current_level == 3


def test_a_risk_of_another_pair_does_not_get_the_same_rating(walk: Walk, web: Client, risk: Risk) -> None:
    (other,) = walk.risks(subject_name="Laptop two", threat_id="T-CRED")
    response = web.post(path_of(risk, "rate/"), {**RATING, "also": [str(other.id)]})

    assert response.status_code == 422
    assert walk.risks(id=other.id)[0].current_level == 0


def test_a_rating_without_a_reason_is_refused(walk: Walk, web: Client, risk: Risk) -> None:
    assert web.post(path_of(risk, "rate/"), {**RATING, "reason": ""}).status_code == 422
    assert walk.risks(id=risk.id)[0].state == "proposed"


def test_the_matrix_shows_where_the_risk_lies(web: Client, risk: Risk) -> None:
    web.post(path_of(risk, "rate/"), RATING)
    web.post(path_of(risk, "rate/"), {**RATING, "stage": "residual", "likelihood": "1"})

    page = text_of(web, path_of(risk))
    assert '<span class="matrix-stage">current</span>' in page
    assert '<span class="matrix-stage">residual</span>' in page


def test_a_risk_is_dismissed_and_taken_back(walk: Walk, web: Client, risk: Risk) -> None:
    web.post(path_of(risk, "dismiss/"), {"reason": "It never leaves the room"})
    assert "It never leaves the room" in text_of(web, path_of(risk))

    web.post(path_of(risk, "confirm/"))
    assert walk.risks(id=risk.id)[0].state == "confirmed"


@pytest.mark.parametrize("response", ["mitigate", "transfer", "avoid"])
def test_a_response_is_chosen(walk: Walk, web: Client, risk: Risk, response: str) -> None:
    web.post(path_of(risk, "rate/"), RATING)
    web.post(path_of(risk, "response/"), {"response": response})

    assert walk.risks(id=risk.id)[0].response == response


def test_a_risk_is_accepted_among_the_tasks_only(walk: Walk, web: Client, risk: Risk) -> None:
    web.post(path_of(risk, "rate/"), RATING)

    assert web.post(path_of(risk, "response/"), {"response": "accept"}).status_code == 400
    assert walk.risks(id=risk.id)[0].response == ""


def test_owner_and_measures_are_written_down(web: Client, risk: Risk) -> None:
    web.post(path_of(risk, "notes/"), {"owner_name": "Tess Amado", "existing_controls": "Disk encrypted"})

    page = text_of(web, path_of(risk))
    assert "Tess Amado" in page
    assert "Disk encrypted" in page


def test_controls_are_named_through_the_answers_that_proposed_the_risk(walk: Walk, web: Client) -> None:
    walk.answer("Q-S1-01", "none")
    (risk,) = walk.risks(origins__question_id="Q-S1-01")

    assert "164.308(a)(1)(ii)(A) Risk analysis" in text_of(web, path_of(risk))


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("state=proposed", "Laptop one", "No risk matches"),
        ("state=confirmed", "No risk matches", "Laptop one"),
        ("text=laptop+stolen", "Laptop one", "Archive"),
        ("level=5", "No risk matches", "Laptop one"),
    ],
)
def test_the_register_is_searched(walk: Walk, web: Client, query: str, shown: str, hidden: str) -> None:
    page = text_of(web, f"/compliance/analysis/{walk.id}/risks/?{query}")

    assert shown in page
    assert hidden not in page


@pytest.mark.req("RA-08")
def test_the_register_is_narrowed_to_a_site_with_the_flows_that_touch_it(practice: Practice) -> None:
    north = practice.add_asset("AT-LAPTOP", "Laptop of the north", site="North")
    south = practice.add_asset("AT-LAPTOP", "Laptop of the south", site="South")
    practice.add_flow(f"asset:{north}", f"asset:{south}", "EF-USBOUT", label="Stick between the sites")
    walk = practice.start()
    page = text_of(browser_of(walk.officer), f"/compliance/analysis/{walk.id}/risks/?site=North")

    assert "Laptop of the north" in page
    assert "Stick between the sites" in page
    assert "Laptop of the south" not in page
    assert "Laptop one" not in page


def test_the_tab_leads_to_the_register_of_the_present_analysis(walk: Walk, web: Client) -> None:
    assert web.get("/compliance/risks/")["Location"] == f"/compliance/analysis/{walk.id}/risks/"


def test_without_an_analysis_it_leads_to_where_one_begins() -> None:
    web = browser_of(make_practice().officer)

    assert web.get("/compliance/risks/")["Location"] == "/compliance/analysis/"


def test_that_nothing_applies_to_an_asset_is_documented_beside_the_gates(walk: Walk, web: Client, risk: Risk) -> None:
    web.post(
        f"/compliance/analysis/{walk.id}/risks/none-applicable/", {"asset": str(risk.asset_id), "reason": "Never used"}
    )

    assert "Laptop one" not in walk.lacks(3)


@pytest.mark.parametrize("verb", ["rate/", "confirm/", "dismiss/", "response/", "notes/"])
def test_an_auditor_changes_no_risk(walk: Walk, risk: Risk, verb: str) -> None:
    auditor = enter_as(walk.practice.tenant, "auditor")
    response = auditor.post(path_of(risk, verb), {**RATING, "response": "mitigate"})

    assert response.status_code == 403
    assert walk.risks(id=risk.id)[0].state == "proposed"
