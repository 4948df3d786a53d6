"""A server to measure: how it is reached, what it is told, which processes are its own."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
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
# FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL of linux/fs.h.
_GET_FLAGS, _SET_FLAGS, _TOP_OF_HIERARCHIES = 0x80086601, 0x40086602, 0x00020000

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
    tenant, manage
        The slug of its tenant, and its `manage.py`, where it is our portal.
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
    tenant: str = ""
    manage: Callable[..., str] | None = None

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
    scratch.mkdir(parents=True, exist_ok=True)
    _spread(scratch)
    folder = scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _spread(folder: Path) -> None:
    """Have ext4 keep what lies in each folder below in another part of the disk, as it does with people's homes.

    Files are slow to make where others were just removed: no server shall pay for its neighbour.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flags = bytearray(8)
        # Other file systems have no such flag.
        with suppress(OSError):
            fcntl.ioctl(descriptor, _GET_FLAGS, flags)
            number = int.from_bytes(flags, sys.byteorder) | _TOP_OF_HIERARCHIES
            fcntl.ioctl(descriptor, _SET_FLAGS, number.to_bytes(8, sys.byteorder))
    finally:
        os.close(descriptor)


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
