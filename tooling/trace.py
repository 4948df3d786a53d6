"""Requirements against the tests that prove them, with the state of the last run: `make trace`."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT_ROW = re.compile(r"^\| (?P<id>[A-Z]+-\d+) \|", re.MULTILINE)
REQUIREMENT_ID = re.compile(r"\b[A-Z]+-\d{2}\b")
TYPESCRIPT_TEST = re.compile(r"""\b(?:it|test)(?:\.\w+)*\(\s*(?P<quote>["'`])(?P<name>.*?)(?P=quote)""", re.DOTALL)

# From the worst down: what one test did on several databases, or several tests of one requirement, counts as its worst.
STATES = ("failed", "not run", "skipped", "passed")
NO_TESTS = "none"


@dataclass(frozen=True)
class Proof:
    """A test that names a requirement: its module in dots (a file for TypeScript), and its name."""

    requirement: str
    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}::{self.name}"


def requirement_ids(table: str) -> list[str]:
    """Return the ids of the reference table, in its order."""
    return [match["id"] for match in REQUIREMENT_ROW.finditer(table)]


def python_proofs(source: str, module: str) -> Iterator[Proof]:
    """Find `@pytest.mark.req("...")` on functions and classes, and in `pytestmark`."""
    tree = ast.parse(source)
    yield from _proofs_in(tree.body, module, _module_marks(tree.body))


def _module_marks(body: list[ast.stmt]) -> set[str]:
    marks = [s.value for s in body if isinstance(s, ast.Assign) and any(_is_pytestmark(t) for t in s.targets)]
    return _ids(marks)


def _is_pytestmark(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "pytestmark"


def _proofs_in(body: list[ast.stmt], module: str, inherited: set[str]) -> Iterator[Proof]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _proofs_in(node.body, f"{module}.{node.name}", inherited | _ids(node.decorator_list))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            for requirement in sorted(inherited | _ids(node.decorator_list)):
                yield Proof(requirement, module, node.name)


def _ids(expressions: Iterable[ast.expr]) -> set[str]:
    calls = (node for expression in expressions for node in ast.walk(expression) if isinstance(node, ast.Call))
    marks = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "req")
    return {str(argument.value) for call in marks for argument in call.args if isinstance(argument, ast.Constant)}


def typescript_proofs(source: str, module: str) -> Iterator[Proof]:
    """Find the ids in the names of Vitest tests."""
    for match in TYPESCRIPT_TEST.finditer(source):
        for requirement in REQUIREMENT_ID.findall(match["name"]):
            yield Proof(requirement, module, match["name"])


def outcomes(report: str) -> Iterator[tuple[str, str, str]]:
    """Read (module, name, state) of each test from a JUnit report."""
    for case in ElementTree.fromstring(report).iter("testcase"):
        children = {child.tag for child in case}
        state = "failed" if children & {"failure", "error"} else "skipped" if "skipped" in children else "passed"
        yield case.get("classname", ""), case.get("name", ""), state


def state_of(proof: Proof, runs: Iterable[tuple[str, str, str]]) -> str:
    """Say how a test did: a parametrised one, or one run on both databases, passed only if it never failed."""
    seen = {state for module, name, state in runs if _is_run_of(proof, module, name)}
    return worst(seen - {"skipped"} or seen or {"not run"})


def _is_run_of(proof: Proof, module: str, name: str) -> bool:
    if module.endswith(".ts"):
        return proof.module.endswith(module) and name.endswith(proof.name)
    return proof.module == module and name.partition("[")[0] == proof.name


def worst(states: Iterable[str]) -> str:
    """Return the state that a reader must know about."""
    return min(states, key=STATES.index)


def find_proofs(root: Path) -> list[Proof]:
    """Collect the proofs of the whole checkout."""
    found: list[Proof] = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        found += python_proofs(path.read_text(), ".".join(path.relative_to(root).with_suffix("").parts))
    for path in sorted((root / "frontend" / "src").rglob("*.test.ts")):
        found += typescript_proofs(path.read_text(), path.relative_to(root).as_posix())
    return found


def table(ids: Iterable[str], proofs: Iterable[Proof], runs: list[tuple[str, str, str]]) -> Iterator[str]:
    """Return one line for each requirement: id, state, tests."""
    by_id: dict[str, list[Proof]] = {}
    for proof in proofs:
        by_id.setdefault(proof.requirement, []).append(proof)
    for requirement in ids:
        tests = by_id.get(requirement, [])
        state = worst(state_of(proof, runs) for proof in tests) if tests else NO_TESTS
        yield f"{requirement:<8} {state:<8} {' '.join(map(str, tests))}".rstrip()


def main() -> int:
    """Print the table and a count; the exit status is 1 if a requirement's test failed."""
    ids = requirement_ids((ROOT / "docs/reference/requirements.md").read_text())
    reports = sorted((ROOT / "build/junit").glob("*.xml"))
    runs = [run for report in reports for run in outcomes(report.read_text())]
    lines = list(table(ids, find_proofs(ROOT), runs))
    states = [line.split(maxsplit=1)[1] for line in lines]
    print("\n".join(lines))
    counts = {state: sum(1 for found in states if found.startswith(state)) for state in (*STATES, NO_TESTS)}
    print(", ".join(f"{count} {state}" for state, count in counts.items()), f"of {len(ids)} requirements")
    return int(counts["failed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
