"""Known vulnerabilities of the locked packages, from a local file of advisories in the OSV format (ossf.github.io).

The file is a JSON list of advisories, or an object with `vulns`; nothing is asked of the network.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

SERIOUS: Final = frozenset({"CRITICAL", "HIGH"})
_PIN: Final = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One advisory that a locked package is affected by."""

    advisory_id: str
    package: str
    version: str
    severity: str
    published_at: dt.datetime


def locked(text: str) -> dict[str, str]:
    """Return the pinned packages of a lock file."""
    return {canonicalize_name(pin["name"]): pin["version"] for pin in _PIN.finditer(text)}


def load(path: Path) -> list[dict[str, Any]]:
    """Return the advisories of a file."""
    data = json.loads(path.read_text())
    return list(data["vulns"] if isinstance(data, dict) else data)


def find(advisories: Iterable[dict[str, Any]], packages: Mapping[str, str]) -> list[Hit]:
    """Return the advisories, not withdrawn, that affect one of the packages in its version."""
    return [
        Hit(one["id"], name, packages[name], _severity(one), dt.datetime.fromisoformat(one["published"]))
        for one in advisories
        if not one.get("withdrawn")
        for name in _affected(one, packages)
    ]


def _affected(advisory: Mapping[str, Any], packages: Mapping[str, str]) -> set[str]:
    return {
        name
        for entry in advisory.get("affected", [])
        if entry["package"]["ecosystem"] == "PyPI"
        and (name := canonicalize_name(entry["package"]["name"])) in packages
        and _covers(entry, packages[name])
    }


def _covers(entry: Mapping[str, Any], version: str) -> bool:
    if version in entry.get("versions", ()):
        return True
    return any(_in_range(one["events"], version) for one in entry.get("ranges", ()) if one["type"] == "ECOSYSTEM")


def _in_range(events: Iterable[Mapping[str, str]], version: str) -> bool:
    """Walk the events of a range in the order of their versions (OSV: the last one at or below ours decides)."""
    ours, is_affected = Version(version), False
    marks = [(kind, text) for event in events for kind, text in event.items() if kind != "limit"]
    for kind, text in sorted(marks, key=lambda mark: _version(mark[1])):
        if kind == "last_affected":
            is_affected = is_affected and ours <= _version(text)
        elif ours >= _version(text):
            is_affected = kind == "introduced"
    return is_affected


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        # A mark that is no version of Python's: taken for the very first, so that the range opens rather than hides.
        return Version("0")


def _severity(advisory: Mapping[str, Any]) -> str:
    return str(advisory.get("database_specific", {}).get("severity", "UNKNOWN")).upper()
