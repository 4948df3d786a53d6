"""People at a portal that runs: staff with a session, and the guest who opens the link of a mail."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.factories.portal import Portal

_ADDRESS = re.compile(r"""(?:href|src|action|data-[a-z-]*url|hx-[a-z]+|content)=["']([^"']*)["']""")


@dataclass
class Visitor:
    """One browser; it remembers every address that it was ever shown or led to."""

    client: httpx.Client
    addresses: set[str] = field(default_factory=set)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._noted(self.client.get(path, **options))

    def post(self, path: str, **data: str) -> httpx.Response:
        """Send a form as a page of the portal does."""
        if "bitewing-csrf" not in self.client.cookies:
            self.get(path)
        return self._noted(
            self.client.post(path, data=data, headers={"X-CSRFToken": self.client.cookies["bitewing-csrf"]})
        )

    def _noted(self, response: httpx.Response) -> httpx.Response:
        self.addresses.update(_ADDRESS.findall(response.text) if "html" in response.headers["Content-Type"] else ())
        self.addresses.add(response.headers.get("Location", ""))
        return response


def member(portal: Portal, slug: str, role: str) -> Visitor:
    """Return a new member of staff in a browser."""
    return Visitor(portal.client(cookies={"bitewing": portal.sign_in(slug, role)}))


@dataclass(frozen=True)
class Invitation:
    """What the recipient of a link finds in the mailbox."""

    link_id: str
    secret: str


def invitation(portal: Portal) -> Invitation:
    """Read the newest mail with a link."""
    text = next(mail for mail in reversed(portal.mails()) if "/s/" in mail)
    found = re.search(r"/s/([0-9a-f-]{36})#([\w-]{43})", text)
    assert found is not None
    return Invitation(*found.groups())


def guest(portal: Portal) -> Visitor:
    """Open the newest link: landing page, secret, code of the mail."""
    visitor = Visitor(portal.client())
    invited = invitation(portal)
    page = f"/s/{invited.link_id}"
    visitor.get(page)
    assert visitor.post(f"{page}/open", secret=invited.secret).status_code == 302
    code = re.search(r"\b\d{8}\b", portal.mails()[-1])
    assert code is not None
    assert visitor.post(f"{page}/code", code=code[0]).status_code == 302
    return visitor
