"""A portal that runs as processes, with a tenant and a token for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.factories.portal import Portal
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

    def store(self, *files: bytes) -> int:
        """Store files in one request; return the status."""
        content = stow_body(*files)
        with self.client() as client:
            return client.post(
                "/dicom-web/studies", content=content, headers={"Content-Type": CONTENT_TYPE}
            ).status_code

    def studies(self) -> list[str]:
        """Return the UIDs of all studies that a search finds."""
        with self.client() as client:
            found = client.get("/dicom-web/studies?limit=1000").raise_for_status().json()
        return sorted(study["0020000D"]["Value"][0] for study in found)


Site = Callable[..., Running]
