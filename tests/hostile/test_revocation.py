"""A link is revoked while its recipient is downloading, slowly, from the real web server."""

import contextlib
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest

from config.env import ROOT
from pacs.dicom.phantom import make_uid
from tests.factories.portal import Portal
from tests.factories.studies import make_dicom
from tests.hostile.running import Running, Site
from tests.hostile.visitor import Visitor, guest, invitation, member

pytestmark = [pytest.mark.xdist_group("revocation"), pytest.mark.timeout(300)]

MIB = 1 << 20
SLICES = 96
# What the buffers of two sockets and the server may still hold of what was produced before.
IN_FLIGHT = 12 * MIB
REVOKE = """
from uuid import UUID
from accounts import services
from common.actor import system_actor
from sharing.services import revoke_link
revoke_link(actor=system_actor(services.tenant_id_of_slug({slug!r})), link_id=UUID({link!r}))
print("revoked", flush=True)
"""


@pytest.fixture(scope="module")
def running(site: Site) -> Running:
    found = site()
    pixels = np.random.default_rng(5).integers(0, 4096, (512, 512), np.uint16)
    for first in range(1, SLICES, 48):
        assert found.store(*(make_dicom("big", number, pixels=pixels) for number in range(first, first + 48))) == 200
    return found


@pytest.fixture
def recipient(running: Running) -> Visitor:
    dentist = member(running.portal, running.slug, "dentist")
    study = dentist.get(f"/studies/by-uid/{make_uid('big', 'study')}/").headers["Location"]
    assert dentist.post(f"{study}share/", email="r@practice.example", rights="download_dicom").is_success
    visitor = guest(running.portal)
    visitor.addresses = {f"{study}archive"}
    return visitor


@dataclass
class SlowReader:
    """A download over one socket with a small buffer."""

    socket: socket.socket
    size: int
    received: int

    def read(self, seconds: float, bytes_per_s: float) -> None:
        """Read at a pace, for a time or until the answer ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (block := self._block()):
            time.sleep(len(block) / bytes_per_s)

    def finish(self) -> None:
        """Read what still comes."""
        while self._block():
            pass
        self.socket.close()

    def _block(self) -> bytes:
        with contextlib.suppress(ConnectionError):
            block = self.socket.recv(65_536)
            self.received += len(block)
            return block
        return b""


def download(visitor: Visitor, portal: Portal) -> SlowReader:
    """Begin to download the archive that the visitor knows of."""
    (path,) = visitor.addresses
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.client.cookies.jar)
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)
    link.settimeout(30)
    link.connect(("127.0.0.1", portal.port))
    headers = (f"Host: 127.0.0.1:{portal.port}", f"Cookie: {cookies}", "Connection: close")
    link.sendall("\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""]).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += link.recv(4096)
    head, _, body = head.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    size = next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    return SlowReader(link, int(size), len(body))


def revoke_elsewhere(running: Running) -> None:
    """Revoke the link in a process that is not the web server; return once it is done."""
    code = REVOKE.format(slug=running.slug, link=invitation(running.portal).link_id)
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity=0", "--command", code]
    process = subprocess.Popen(command, env=running.portal.environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"revoked\n"
    process.communicate()


@pytest.mark.req("CARD-03")
@pytest.mark.req("X-10")
def test_no_block_of_an_archive_is_made_later_than_five_seconds_after_the_revocation(
    running: Running, recipient: Visitor
) -> None:
    reader = download(recipient, running.portal)
    assert reader.size > 45 * MIB
    reader.read(seconds=1, bytes_per_s=2 * MIB)
    revoke_elsewhere(running)
    reader.read(seconds=5, bytes_per_s=4 * MIB)
    by_then = reader.received
    reader.finish()

    assert reader.received < reader.size
    assert reader.received - by_then < IN_FLIGHT
    assert recipient.get(next(iter(recipient.addresses))).status_code == 302


def test_a_download_that_nobody_revokes_arrives_whole(running: Running, recipient: Visitor) -> None:
    reader = download(recipient, running.portal)
    reader.read(seconds=6, bytes_per_s=4 * MIB)
    reader.finish()

    assert reader.received == reader.size
