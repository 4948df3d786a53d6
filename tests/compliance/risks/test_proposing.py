"""Risks are proposed on named assets; what a person decided is never taken back."""

import pytest

from common.clock import now
from common.scope import tenant_scope
from compliance.models import ProbeState
from compliance.risks import services
from tests.factories.analysis import Practice, Walk, make_practice

pytestmark = pytest.mark.django_db

# It asks about shared log-ins of capture PCs; its statement is on AT-CAPWS, AT-CBCT and AT-PAN.
ABOUT_LOGINS = "Q-S3-11"


@pytest.fixture
def practice() -> Practice:
    practice = make_practice()
    practice.add_asset("AT-CAPWS", "Operatory PC 1")
    practice.add_asset("AT-CAPWS", "Operatory PC 2")
    practice.add_asset("AT-SWITCH", "Switch", ephi="none")
    return practice


@pytest.fixture
def walk(practice: Practice) -> Walk:
    return practice.start()


def about(walk: Walk, question_id: str) -> list[str]:
    return [risk.subject_name for risk in walk.risks(origins__question_id=question_id)]


@pytest.mark.req("RA-09")
def test_what_is_usual_for_each_asset_with_patient_data_is_proposed_from_the_start(walk: Walk) -> None:
    usual = walk.catalogue.asset_types["AT-CAPWS"].pairs
    pairs = {(risk.subject_name, risk.threat_id, risk.vulnerability_id) for risk in walk.risks()}

    assert pairs == {
        (name, pair.threat_id, pair.vulnerability_id) for name in ("Operatory PC 1", "Operatory PC 2") for pair in usual
    }


@pytest.mark.req("RA-17")
def test_an_answer_below_full_proposes_risks_on_the_assets_that_it_is_about(walk: Walk) -> None:
    walk.answer(ABOUT_LOGINS, "none")

    assert about(walk, ABOUT_LOGINS) == ["Operatory PC 1", "Operatory PC 2"]


def test_a_full_answer_proposes_nothing(walk: Walk) -> None:
    walk.answer(ABOUT_LOGINS, "full")

    assert about(walk, ABOUT_LOGINS) == []


def test_an_unknown_answer_counts_as_if_nothing_were_in_place(walk: Walk) -> None:
    walk.answer(ABOUT_LOGINS, "unknown")

    assert len(about(walk, ABOUT_LOGINS)) == 2


def test_a_risk_about_no_asset_in_particular_is_one_of_the_practice(walk: Walk) -> None:
    walk.answer("Q-S1-01", "none")

    (risk,) = walk.risks(origins__question_id="Q-S1-01")
    assert (risk.subject_key, risk.asset_id) == ("practice", None)


def test_answering_again_proposes_nothing_twice(walk: Walk) -> None:
    walk.answer(ABOUT_LOGINS, "none")
    before = walk.risks()
    walk.answer(ABOUT_LOGINS, "partial")

    assert walk.risks() == before


def test_a_better_answer_takes_back_what_only_it_had_proposed(walk: Walk) -> None:
    usual = walk.risks()
    walk.answer("Q-S1-01", "none")
    walk.answer("Q-S1-01", "full")

    assert walk.risks() == usual


def test_a_better_answer_leaves_what_is_usual_for_the_asset(walk: Walk) -> None:
    usual = walk.risks()
    walk.answer(ABOUT_LOGINS, "none")
    walk.answer(ABOUT_LOGINS, "full")

    assert walk.risks() == usual


@pytest.mark.parametrize("decision", ["confirm", "dismiss"])
def test_a_better_answer_leaves_what_a_person_decided(walk: Walk, decision: str) -> None:
    walk.answer("Q-S1-01", "none")
    (risk,) = walk.risks(origins__question_id="Q-S1-01")
    decide = {
        "confirm": lambda: services.confirm_risk(actor=walk.officer, risk_id=risk.id),
        "dismiss": lambda: services.dismiss_risk(actor=walk.officer, risk_id=risk.id, reason="Signed yesterday"),
    }
    decide[decision]()
    walk.answer("Q-S1-01", "full")

    assert risk in walk.risks()


def test_a_dismissed_risk_is_not_proposed_again(walk: Walk) -> None:
    walk.answer("Q-S1-01", "none")
    (risk,) = walk.risks(origins__question_id="Q-S1-01")
    services.dismiss_risk(actor=walk.officer, risk_id=risk.id, reason="Does not apply")
    walk.answer("Q-S1-01", "partial")

    assert [one.state for one in walk.risks(origins__question_id="Q-S1-01")] == ["dismissed"]


@pytest.mark.req("RA-07")
@pytest.mark.req("RA-05")
def test_a_disclosure_path_is_a_flow_with_risks(practice: Practice, walk: Walk) -> None:
    (first, _) = [risk.subject_key for risk in walk.risks(threat_id="T-THEFT")]
    stick = practice.add_asset("AT-USB", "Stick of the front desk")
    practice.add_flow(first, f"asset:{stick}", "EF-USBOUT", label="Images to a stick", ephi="stored")
    practice.deliver()

    (risk,) = walk.risks(flow__isnull=False)
    assert (risk.subject_name, risk.vulnerability_id) == ("Images to a stick", "V-USBEXPORT")


def test_an_asset_that_is_added_later_gets_its_proposals(practice: Practice, walk: Walk) -> None:
    practice.add_asset("AT-NAS", "Backup box")
    practice.deliver()

    assert {risk.threat_id for risk in walk.risks(subject_name="Backup box")} == {"T-RANSOM", "T-EXPOSE", "T-THEFT"}


def test_many_patients_raise_the_suggested_impact(practice: Practice) -> None:
    practice.add_asset("AT-LAPTOP", "Laptop", ephi_volume_patients=500)
    practice.add_asset("AT-CAMERA", "Camera", ephi_volume_patients=500)
    walk = practice.start()

    assert {risk.suggested_impact for risk in walk.risks(subject_name="Camera")} == {4}


def test_only_the_sites_of_the_analysis_are_looked_at(practice: Practice) -> None:
    practice.add_asset("AT-NAS", "Box in the north", site="North")
    practice.add_asset("AT-NAS", "Box in the south", site="South")
    walk = practice.start()
    walk.describe(sites=["North"])
    known = {risk.id for risk in walk.risks()}
    practice.add_asset("AT-NAS", "Second box in the south", site="South")
    practice.deliver()

    assert {risk.id for risk in walk.risks()} == known


def test_numbers_of_risks_are_given_once(walk: Walk) -> None:
    walk.answer("Q-S1-01", "none")
    walk.answer("Q-S1-02", "never")

    numbers = [risk.number for risk in walk.risks()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(("verdict", "likelihood"), [("pass", 3), ("fail", 5), ("near", 4), ("unmeasured", 4)])
def test_what_the_portal_measured_shifts_the_suggestion(walk: Walk, verdict: str, likelihood: int) -> None:
    question = walk.catalogue.questions["Q-S1-03"]
    with tenant_scope(walk.officer.tenant_id):
        ProbeState.objects.all().delete()
        ProbeState.objects.bulk_create(
            ProbeState(
                tenant_id=walk.officer.tenant_id,
                probe_id=probe_id,
                verdict=verdict,
                measured_at=now(),
                verdict_since=now(),
            )
            for probe_id in question.probe_ids
        )
    walk.answer(question.id, "partial")

    (risk,) = walk.risks(origins__question_id=question.id)
    assert (question.statements[0].likelihood, risk.suggested_likelihood) == (4, likelihood)
