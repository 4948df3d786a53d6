"""Templates of policies, written for a dental imaging practice: a beginning, to be changed to what is really done."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class Template:
    """One template."""

    key: str
    title: str
    citations: str
    text: str


@lru_cache(maxsize=1)
def all_templates() -> tuple[Template, ...]:
    """Return the templates in the order of the library."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.md")))


def _read(path: Path) -> Template:
    head, _line, text = path.read_text().partition("\n---\n")
    fields = dict(line.split(": ", maxsplit=1) for line in head.splitlines())
    return Template(path.stem[3:], fields["title"], fields["citations"], text.strip())
