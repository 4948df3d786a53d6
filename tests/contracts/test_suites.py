"""What `make test` runs where."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_what_needs_postgresql_is_among_what_runs_there() -> None:
    script = (ROOT / "tooling" / "test.sh").read_text()
    chosen = [word.partition("::")[0] for word in re.findall(r"\btests/\S+?(?=[\s\"])", script)]
    needing = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"^\s*@?pytest\.mark\.postgres\b|^pytestmark = .*mark\.postgres\b", path.read_text(), re.MULTILINE)
    ]

    assert len(needing) > 20
    assert [path for path in needing if not path.startswith(tuple(chosen))] == []
