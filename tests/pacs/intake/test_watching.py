"""The process that watches a bucket."""

import signal
import sys
from pathlib import Path

import pytest

from config.env import ROOT
from tests.factories.portal import Portal
from tests.factories.studies import make_dicom
from tests.hostile.crashing import armed
from tests.pacs.intake.dropping import Drop
from tests.servers.process import running

pytestmark = [pytest.mark.s3, pytest.mark.req("BR-01")]


def test_a_process_that_is_killed_before_it_moves_is_followed_by_one_that_does(drop: Drop, tmp_path: Path) -> None:
    drop.put("a.dcm", make_dicom("killed"))
    portal = Portal(folder=tmp_path)
    portal.prepare()
    words = ["watch_folder", drop.address, "--tenant", portal.create_tenant("Watching"), "--every", "0.1"]

    armed(portal, "watch.committed").manage(*words, statuses=(-signal.SIGKILL,))
    assert drop.names() == ["a.dcm"]

    command = [sys.executable, str(ROOT / "manage.py"), *words]
    log = tmp_path / "watch.log"
    with running(
        command,
        is_ready=lambda: drop.names() == ["done/a.dcm"],
        log=log,
        environment=portal.environment,
        stop=signal.SIGTERM,
    ) as process:
        pass
    assert process.returncode == 0
