"""Every action of the portal has a code of DICOM."""

import re
from pathlib import Path

import pytest

from audit.formats import codes
from pacs.contexts.access_log import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "audit", "compliance", "config", "inference", "outbox", "pacs", "sharing", "vault")


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_action_has_codes_that_exist(action: str) -> None:
    coded = codes.of(action)
    assert coded.event in codes.EVENTS
    assert coded.kind in {"", *codes.TYPES}
    assert coded.verb in set("CRUDE")


@pytest.mark.parametrize(
    ("action", "event", "kind"),
    [
        ("study.opened", "110103", ""),
        ("study.stored", "110107", ""),
        ("study.exported", "110106", ""),
        ("study.binned", "110105", ""),
        ("studies.searched", "110112", ""),
        ("session.started", "110114", "110122"),
        ("session.ended", "110114", "110123"),
        ("emergency.opened", "110113", "110127"),
        ("emergency.ended", "110113", "110138"),
        ("audit.exported", "110101", ""),
    ],
)
def test_the_actions_that_dicom_knows_have_its_codes(action: str, event: str, kind: str) -> None:
    assert (codes.of(action).event, codes.of(action).kind) == (event, kind)


def test_every_action_that_the_code_names_has_words() -> None:
    named = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            named |= set(re.findall(r'record\([^)]*?action="([a-z-]+\.[a-z-]+)"', path.read_text(), re.DOTALL))
    assert len(named) > 40
    assert named - ACTIONS.keys() == set()
