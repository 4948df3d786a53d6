"""The peer: Debian's Orthanc with its DICOMweb plug-in, SQLite, stock settings, unencrypted, without login."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from config.env import child_environment
from tests.servers.process import accepts, running
from tooling.bench.client import Connection
from tooling.bench.studies import Study
from tooling.bench.targets import CALLED, Target, free_port, new_folder

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


def version() -> str | None:
    """Return the version of the peer, or None where it is not installed."""
    program = _program()
    if program is None or not PLUGIN.exists():
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return said.split("\n", 1)[0].split()[-1]


def _program() -> str | None:
    return shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


@contextmanager
def orthanc(scratch: Path) -> Iterator[Target]:
    """Run Orthanc in a folder of its own until the block ends."""
    folder = new_folder(scratch, "orthanc")
    port, dicom_port = free_port(), free_port()
    settings = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "HttpPort": port,
        "DicomServerEnabled": True,
        "DicomAet": CALLED,
        "DicomPort": dicom_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    command = [_program() or "", str(folder / "orthanc.json")]
    with running(
        command,
        is_ready=lambda: accepts(port),
        log=folder / "server.log",
        # Without it each small answer waits for a delayed acknowledgement: a peer is measured at its best.
        environment=child_environment({"TCP_NODELAY": "1"}),
    ) as process:
        yield Target(
            name="orthanc",
            title=f"Orthanc {version()}",
            port=port,
            pids=(process.pid,),
            zip_path=lambda study: f"{_path(port, study)}/archive",
            # Orthanc's archives are always deflated.
            deflated_zip_path=lambda study: f"{_path(port, study)}/archive",
            dicom_port=dicom_port,
            delete_path=partial(_path, port),
        )


def _path(port: int, study: Study) -> str:
    """Return a study's address in Orthanc's own interface."""
    uid = study.study_instance_uid.encode()
    with Connection(port, {}) as connection:
        answer = connection.request("POST", "/tools/lookup", {}, [uid], len(uid))
        return f"/studies/{json.loads(bytes(answer.body))[0]['ID']}"
