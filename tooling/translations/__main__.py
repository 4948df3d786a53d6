"""Compile the catalogues whose sources are newer: `python -m tooling.translations`."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parents[2] / "locale"


def compile_catalogue(source: Path) -> None:
    """Write the compiled catalogue beside its source, in one step: a running portal never reads half of it."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name, domain=source.stem)
    # Of its own: two processes may compile at once.
    begun = target.with_suffix(f".{os.getpid()}")
    with begun.open("wb") as file:
        write_mo(file, catalogue)
    begun.replace(target)


def main() -> None:
    """Compile what is there."""
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        compile_catalogue(source)


if __name__ == "__main__":
    main()
