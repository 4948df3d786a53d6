"""A portal that runs as processes, with a tenant and a token for it."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.factories.portal import Portal
from tests.factories.studies import make_files
from tests.pacs.dicomweb.requests import CONTENT_TYPE, stow_body


@dataclass(frozen=True)
class Running:
    """A running portal, a tenant of it, and a token that may do everything there."""

    portal: Portal = field(repr=False)
    slug: str
    token: str = field(repr=False)

    def client(self) -> httpx.Client:
        """Return a client that sends the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.portal.url, headers=headers, timeout=60)

    def post(self, *files: bytes) -> httpx.Response:
        """Store files in one request."""
        with self.client() as client:
            return client.post("/dicom-web/studies", content=stow_body(*files), headers={"Content-Type": CONTENT_TYPE})

    def store(self, *files: bytes) -> int:
        """Store files in one request; return the status."""
        return self.post(*files).status_code

    def studies(self) -> list[str]:
        """Return the UIDs of all studies that a search finds."""
        found: list[str] = []
        with self.client() as client:
            while page := client.get(f"/dicom-web/studies?limit=1000&offset={len(found)}").raise_for_status().json():
                found += [study["0020000D"]["Value"][0] for study in page]
        return sorted(found)

    def hashes(self, study: str) -> list[str]:
        """Take a study out as an archive; return the hashes of its originals."""
        with self.client() as client:
            answer = client.get(f"/dicom-web/studies/{study}", headers={"Accept": "application/zip"}).raise_for_status()
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("DICOMDIR")]
            return sorted(hashlib.sha256(archive.read(name)).hexdigest() for name in names)


def hashes_of(seed: str, slices: int) -> list[str]:
    """Return the hashes of the files that `make_files` makes."""
    return sorted(hashlib.sha256(file).hexdigest() for file in make_files(seed, slices))


Site = Callable[..., Running]
