"""A value against its target."""

import pytest

from compliance.evidence import definitions, registry
from compliance.evidence.reading import Value, judge
from compliance.models import Verdict


@pytest.mark.parametrize(
    ("value", "rule", "expected"),
    [
        (30, "<= 30", Verdict.PASS),
        (33, "<= 30", Verdict.NEAR),
        (34, "<= 30", Verdict.FAIL),
        (12, "<= 12 (practice, not law)", Verdict.PASS),
        (95.0, ">= 95", Verdict.PASS),
        (90, ">= 95", Verdict.NEAR),
        (80, ">= 95", Verdict.FAIL),
        (0, "0", Verdict.PASS),
        (1, "0", Verdict.FAIL),
        (0, "0 open", Verdict.PASS),
        (100.0, "100", Verdict.PASS),
        (99.9, "100", Verdict.FAIL),
        (True, "true", Verdict.PASS),
        (False, "true", Verdict.FAIL),
        (None, "<= 30", Verdict.FAIL),
        (None, "true", Verdict.FAIL),
        (17, "reported", Verdict.REPORTED),
    ],
)
def test_a_value_is_compared_with_its_target(value: Value, rule: str, expected: Verdict) -> None:
    assert judge(value, rule) is expected


def test_every_target_of_a_probe_that_runs_can_be_compared_with() -> None:
    rules = [definitions.all_definitions()[probe_id].pass_rule for probe_id in registry.all_probes()]

    assert all(judge(1, rule) in Verdict for rule in rules)


def test_a_target_that_says_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="soon"):
        judge(1, "soon")


def test_every_function_is_registered_under_the_id_of_a_definition() -> None:
    registry.all_probes()

    assert set(registry._probes) <= set(definitions.all_definitions())


@pytest.mark.req("RA-13")
def test_at_least_45_of_the_probes_that_the_question_bank_defines_are_measured() -> None:
    of_the_bank = [probe_id for probe_id in registry.all_probes() if not probe_id.startswith("P-OPS-")]

    assert len(of_the_bank) >= 45
