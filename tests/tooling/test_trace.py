"""The trace from requirements to tests."""

import pytest

from tooling import trace

PYTHON = """
pytestmark = pytest.mark.req("PA-01")

@pytest.mark.req("PA-07", "X-15")
@pytest.mark.parametrize("role", ["owner", pytest.param("dentist", marks=pytest.mark.req("PA-06"))])
def test_each_access_is_logged(role): ...

@pytest.mark.req("PA-09")
class TestLinks:
    def test_a_link_opens(self): ...
    def make_link(self): ...
"""
REPORT = """<testsuites><testsuite>
<testcase classname="tests.audit.test_log" name="test_each_access_is_logged[owner]"/>
<testcase classname="tests.audit.test_log" name="test_each_access_is_logged[dentist]"><failure message="no"/></testcase>
<testcase classname="tests.audit.test_log.TestLinks" name="test_a_link_opens"><skipped message="no browser"/></testcase>
<testcase classname="src/lib/measure.test.ts" name="length &gt; PA-02: is given in mm"/>
</testsuite></testsuites>"""


def test_marks_of_module_class_function_and_parameter_are_found() -> None:
    found = {(proof.requirement, str(proof)) for proof in trace.python_proofs(PYTHON, "tests.audit.test_log")}

    assert found == {
        ("PA-01", "tests.audit.test_log::test_each_access_is_logged"),
        ("PA-06", "tests.audit.test_log::test_each_access_is_logged"),
        ("PA-07", "tests.audit.test_log::test_each_access_is_logged"),
        ("X-15", "tests.audit.test_log::test_each_access_is_logged"),
        ("PA-01", "tests.audit.test_log.TestLinks::test_a_link_opens"),
        ("PA-09", "tests.audit.test_log.TestLinks::test_a_link_opens"),
    }


def test_ids_in_names_of_typescript_tests_are_found() -> None:
    source = 'describe("length", () => { it("PA-02: is given in mm", f); it.each([1])("has no id", f); });'

    found = list(trace.typescript_proofs(source, "frontend/src/lib/measure.test.ts"))

    assert [(proof.requirement, proof.name) for proof in found] == [("PA-02", "PA-02: is given in mm")]


@pytest.mark.parametrize(
    ("proof", "state"),
    [
        (trace.Proof("PA-07", "tests.audit.test_log", "test_each_access_is_logged"), "failed"),
        (trace.Proof("PA-09", "tests.audit.test_log.TestLinks", "test_a_link_opens"), "skipped"),
        (trace.Proof("PA-09", "tests.audit.test_log", "test_written_after_the_last_run"), "not run"),
        (trace.Proof("PA-02", "frontend/src/lib/measure.test.ts", "PA-02: is given in mm"), "passed"),
    ],
)
def test_the_state_is_the_worst_of_all_runs_of_a_test(proof: trace.Proof, state: str) -> None:
    assert trace.state_of(proof, list(trace.outcomes(REPORT))) == state


def test_a_test_skipped_on_one_database_and_passed_on_the_other_has_passed() -> None:
    proof = trace.Proof("X-15", "tests.pacs.test_rls", "test_the_wall_holds")
    runs = [(proof.module, proof.name, "skipped"), (proof.module, proof.name, "passed")]

    assert trace.state_of(proof, runs) == "passed"


def test_a_requirement_without_tests_is_listed_as_having_none() -> None:
    assert list(trace.table(["PA-01"], [], [])) == ["PA-01    none"]


def test_the_reference_table_gives_every_id_once() -> None:
    ids = trace.requirement_ids((trace.ROOT / "docs/reference/requirements.md").read_text())

    assert len(ids) == len(set(ids)) == 191
    assert {"AI-01", "CARD-06", "PA-26", "X-20"} <= set(ids)
