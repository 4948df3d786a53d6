"""What the house rules look at: the files of the checkout, as git sees them."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "audit", "common", "compliance", "config", "inference", "outbox", "pacs", "sharing", "vault")
NOT_TRACKED = {".git", ".venv", "build", "var", "node_modules", "__pycache__", ".hypothesis"}
SCRIPTS = (
    ".py",
    ".ts",
    ".html",
    ".css",
    ".sh",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".txt",
    ".in",
    ".sql",
    ".cfg",
    "",
)


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is tracked or would be: without git, all but what .gitignore names."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        return tuple(sorted(path for name in names if name and (path := ROOT / name).is_file()))
    paths = (path for path in ROOT.rglob("*") if path.is_file() and not NOT_TRACKED & set(path.parts))
    return tuple(sorted(path for path in paths if (ROOT / "static" / "build") not in path.parents))


def texts(*suffixes: str) -> dict[str, str]:
    """Return the text of each file with one of the suffixes, by its path in the checkout."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files()
        if path.suffix in suffixes
    }


def lines_matching(pattern: str, found: dict[str, str]) -> list[str]:
    """Return `path:line: text` wherever the pattern matches."""
    expression = re.compile(pattern)
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in found.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if expression.search(line)
    ]
