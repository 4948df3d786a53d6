"""A server to measure: how it is reached, what it is told, which processes are its own."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.process import free_port
from tooling.bench.client import Connection
from tooling.bench.studies import Study

# The names of the targets; the limit is the least that a server can do.
LIMIT, PEER, OURS = "bare", "orthanc", ("sqlite", "postgres")
# AE titles of the servers and of who sends to them.
CALLED, CALLING = "BENCH", "SCANNER"
ROOT = Path(__file__).resolve().parents[2]

DICOM_JSON = "application/dicom+json"
SERIES = 'multipart/related; type="application/dicom"; transfer-syntax=*'
FRAMES = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


@dataclass(frozen=True)
class Target:
    """A DICOMweb server that runs.

    Attributes
    ----------
    pids
        Its processes without those that they start; a database that runs for it alone is one of them.
    zip_path, delete_path, deflated_zip_path
        The addresses where a study is had as a ZIP, removed, and had as a deflated ZIP if it can be.
    dicom_port
        Where it takes C-STORE, if it does.
    session
        Signs somebody in and returns the cookie, where people look at images.
    """

    name: str
    title: str
    port: int
    pids: tuple[int, ...]
    zip_path: Callable[[Study], str]
    delete_path: Callable[[Study], str]
    headers: Mapping[str, str] = field(default_factory=dict)
    root: str = "/dicom-web"
    deflated_zip_path: Callable[[Study], str] | None = None
    dicom_port: int | None = None
    session: Callable[[], str] | None = None

    def connect(self, buffer: bytearray | None = None) -> Connection:
        """Return a connection with the credentials of this run."""
        return Connection(self.port, self.headers, buffer=buffer)

    def series_path(self, study: Study) -> str:
        return f"{self.root}/studies/{study.study_instance_uid}/series/{study.series_instance_uid}"

    def study_path(self, study: Study) -> str:
        return f"{self.root}/studies/{study.study_instance_uid}"

    def frame_path(self, study: Study, index: int) -> str:
        return f"{self.series_path(study)}/instances/{study.slices[index].sop_instance_uid}/frames/1"


def new_folder(scratch: Path, name: str) -> Path:
    """Return an empty folder of a server's own."""
    folder = scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


__all__ = [
    "CALLED",
    "CALLING",
    "DICOM_JSON",
    "FRAMES",
    "LIMIT",
    "OURS",
    "PEER",
    "ROOT",
    "SERIES",
    "Target",
    "free_port",
    "new_folder",
]
