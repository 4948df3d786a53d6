"""What the demo says."""

import logging
from pathlib import Path
from typing import Any

import pytest

from config.demo import root_key


@pytest.fixture(autouse=True)
def _empty_vault(tmp_path: Path, settings: Any) -> None:
    for name in ("storage", "keyring"):
        setattr(settings, f"BITEWING_{name.upper()}_URL", f"file://{tmp_path}/{name}")
    settings.BITEWING_ROOT_KEY_URL = f"file:{tmp_path}/root.key"


def test_a_root_key_is_told_of_once_and_not_as_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answers = [root_key.open_vault(), root_key.open_vault()]

    assert answers == [True, False]
    assert caplog.records == []


def test_other_warnings_of_the_vault_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    root_key.open_vault()
    logging.getLogger("bitewing.vault").warning("something else")

    assert [record.getMessage() for record in caplog.records] == ["something else"]
