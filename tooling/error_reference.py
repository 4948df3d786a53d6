"""Writes docs/reference/errors.md from the errors in the code: `python -m tooling.error_reference`."""

import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import django

from common.errors import DomainError

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "errors.md"
PACKAGES = ("common", "audit", "outbox", "accounts", "vault", "pacs", "inference", "sharing", "compliance")
# Training needs packages that the portal does not have.
NO_ERRORS_IN = {"management", "migrations", "training"}
INTRODUCTION = """\
# Errors

Foreseen refusals. JSON answers are RFC 9457 problems whose `type` ends in the code; the text is safe to show and never
holds a value of a patient. Written by `tooling/error_reference.py` from the code.

"""


def all_errors() -> list[type[DomainError]]:
    """Return every error of our packages, by code."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if not NO_ERRORS_IN & set(module.name.split(".")):
                importlib.import_module(module.name)
    ours = (error for error in _descendants(DomainError) if error.__module__.partition(".")[0] in PACKAGES)
    return sorted(ours, key=lambda error: error.code)


def _descendants(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in base.__subclasses__():
        if "code" in vars(child):
            yield child
        yield from _descendants(child)


def table(errors: Iterable[type[DomainError]]) -> str:
    """Return the rows: code, status, what the reader is told, where it is raised from."""
    rows = (f"| `{e.code}` | {e.status} | {e.title} | `{e.__module__}` |" for e in errors)
    return "\n".join(["| code | status | text | defined in |", "| --- | --- | --- | --- |", *rows, ""])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    PAGE.write_text(INTRODUCTION + table(all_errors()))
