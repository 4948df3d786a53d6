"""Links against many at once, and against programs that only look: on the real web server."""

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from playwright.sync_api import Browser

from pacs.dicom.phantom import make_uid
from tests.factories.portal import Portal
from tests.factories.studies import make_dicom
from tests.hostile.running import Running, Site
from tests.hostile.visitor import Invitation, Visitor, invitation, member

pytestmark = [pytest.mark.xdist_group("links"), pytest.mark.timeout(600), pytest.mark.req("X-10")]

LIMIT = 10
COUNTS = """
from accounts import services
from common.scope import tenant_scope
from sharing.models import GuestSession, OneTimeCode, ShareLink
with tenant_scope(services.tenant_id_of_slug({slug!r})):
    link = ShareLink.objects.get(id={link!r})
    sessions, codes = GuestSession.objects.filter(link=link).count(), OneTimeCode.objects.filter(link=link).count()
    print(link.used_sessions, link.used_downloads, link.sent_codes, link.failures, sessions, codes)
"""


@pytest.fixture(scope="module")
def running(site: Site) -> Running:
    found = site()
    assert found.store(make_dicom("linked", 1)) == 200
    return found


@pytest.fixture
def link(running: Running) -> Invitation:
    """A fresh link, opened ten times at most."""
    dentist = member(running.portal, running.slug, "dentist")
    study = dentist.get(f"/studies/by-uid/{make_uid('linked', 'study')}/").headers["Location"]
    terms = {"email": "r@practice.example", "max_sessions": str(LIMIT), "rights": "report"}
    assert dentist.post(f"{study}share/", **terms).is_success
    return invitation(running.portal)


def counts(running: Running, link: Invitation) -> list[int]:
    """Return how much of a link is used up: sessions, downloads, codes sent, failures; and the rows behind it."""
    code = COUNTS.format(slug=running.slug, link=link.link_id)
    return [int(number) for number in running.portal.manage("shell", "--verbosity=0", "--command", code).split()]


def ask(portal: Portal, link: Invitation) -> Visitor:
    """Open a link in a fresh browser, up to the page that asks for the code of the mail."""
    visitor = Visitor(portal.client())
    visitor.get(f"/s/{link.link_id}")
    assert visitor.post(f"/s/{link.link_id}/open", secret=link.secret).status_code == 302
    return visitor


def ask_in_turn(portal: Portal, link: Invitation) -> tuple[Visitor, str]:
    """Open the link, and return the code of the mail that this browser caused: several may lie in one file."""
    folder = portal.data / "mail"
    before = {path: path.stat().st_size for path in folder.glob("*.log")}
    visitor = ask(portal, link)
    for _ in range(200):
        grown = b"".join(path.read_bytes()[before.get(path, 0) :] for path in folder.glob("*.log"))
        if found := re.search(rb"^(\d{8})\r?$", grown, re.MULTILINE):
            return visitor, found[1].decode()
        time.sleep(0.05)
    raise AssertionError("this browser was sent no code")


def confirm(visitor: Visitor, code: str, *, link: Invitation) -> int:
    """Type the code; 302 leads in, 404 says that the link is used up."""
    return visitor.post(f"/s/{link.link_id}/code", code=code).status_code


@pytest.mark.req("CARD-03")
@pytest.mark.parametrize("browsers", [60, pytest.param(200, marks=pytest.mark.soak)])
def test_of_many_browsers_at_once_exactly_ten_come_in(running: Running, link: Invitation, browsers: int) -> None:
    visitors, codes = zip(*(ask_in_turn(running.portal, link) for _ in range(browsers)), strict=True)
    with ThreadPoolExecutor(browsers) as pool:
        outcomes = Counter(pool.map(partial(confirm, link=link), visitors, codes))

    assert outcomes == {302: LIMIT, 404: browsers - LIMIT}
    assert counts(running, link)[0] == LIMIT
    assert counts(running, link)[4] == LIMIT


def test_a_scanner_that_gets_and_heads_uses_nothing_up(running: Running, link: Invitation) -> None:
    before = counts(running, link)
    with httpx.Client(base_url=running.portal.url, follow_redirects=True) as scanner:
        for path in ("", "/open", "/code", "/resend"):
            for method in ("GET", "HEAD", "OPTIONS"):
                scanner.request(method, f"/s/{link.link_id}{path}")
                scanner.request(method, f"/s/{link.link_id}{path}?secret={link.secret}")

    assert counts(running, link) == before


def test_a_scanner_with_a_browser_uses_nothing_up(running: Running, link: Invitation, browser: Browser) -> None:
    before = counts(running, link)
    page = browser.new_page()
    page.goto(f"{running.portal.url}/s/{link.link_id}#{link.secret}", wait_until="networkidle")
    address = page.url
    page.close()

    assert counts(running, link) == before
    assert link.secret not in address
