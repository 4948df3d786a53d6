"""A new colleague, a lost phone, a step-up and an emergency: people and their access, each at their own device."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from config.demo import cast
from tests.e2e.authenticator import code_for, code_of
from tests.e2e.conftest import ON_DEVICES, Person, Portal, arrive
from tests.e2e.story import look, newest_mail

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

PASSWORD = "four words for nova"
REASON = "Airway swelling, the hospital needs the volume now"
# Makes every second factor of the portal older than five minutes.
_AGE = """
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
for row in Session.objects.all():
    session = SessionStore(row.session_key)
    if "factor_at" in session:
        session["factor_at"] -= 301
        session.save()
"""


def enter(portal: Portal, browser: Browser, key: str, *, phone: bool) -> Person:
    """Sign one of the cast in with one press."""
    person = arrive(browser, phone=phone)
    person.page.goto(f"{portal.base}/demo/sign-in/{key}/")
    return person


def give_password(portal: Portal, page: Page, email: str) -> None:
    page.goto(f"{portal.base}/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def invite(portal: Portal, administrator: Person, email: str) -> str:
    page = administrator.page
    page.goto(f"{portal.base}/people/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Technician").check()
    page.get_by_label("Lakeside North").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
    expect(page.get_by_text(email)).to_be_visible()
    look(administrator, "people-members")
    link = re.search(r"http\S+/invitations/\S+", newest_mail(portal, to=email, containing="/invitations/"))
    assert link is not None
    return link[0]


def accept(colleague: Person, link: str) -> tuple[str, list[str]]:
    """Accept, enrol, and return the key of the authenticator and the printed codes."""
    page = colleague.page
    page.goto(link)
    expect(page).to_have_url(re.compile(r"/invitations/[0-9a-f-]+$"))
    look(colleague, "people-invitation")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Join Lakeside Imaging")).to_be_visible()
    page.get_by_label("Your name").fill("Nova Quell")
    page.get_by_label("New password").fill(PASSWORD)
    look(colleague, "people-offer")
    page.get_by_role("button", name="Continue to the second factor").click()
    look(colleague, "people-authenticator")
    key = page.get_by_label("Or type this key into the app").input_value()
    page.get_by_label("Six-digit code").fill(code_of(key))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your printed codes")).to_be_visible()
    look(colleague, "people-printed-codes")
    codes = page.locator(".code-list code").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    return key, codes


def recover(portal: Portal, colleague: Person, email: str, code: str) -> str:
    """Come in without the phone and set up a new one; return its key."""
    page = colleague.page
    give_password(portal, page, email)
    look(colleague, "people-second-factor")
    page.get_by_role("link", name="I do not have my phone").click()
    page.get_by_label("Printed code").fill(code)
    look(colleague, "people-without-the-phone")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="New authenticator")).to_be_visible()
    key = page.get_by_label("Or type this key into the app").input_value()
    page.get_by_label("Six-digit code").fill(code_of(key))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("The new authenticator is in use.")).to_be_visible()
    expect(page.get_by_text("9 left")).to_be_visible()
    return key


def end_the_other_session(portal: Portal, colleague: Person, other: Person, email: str, key: str) -> None:
    give_password(portal, other.page, email)
    other.page.get_by_label("Six-digit code").fill(code_of(key))
    other.page.get_by_role("button", name="Confirm").click()
    expect(other.page.get_by_role("heading", name="Worklist")).to_be_visible()
    page = colleague.page
    page.goto(f"{portal.base}/account/")
    look(colleague, "people-account")
    page.get_by_role("button", name=re.compile("End the session")).click()
    expect(page.get_by_text("The session has ended.")).to_be_visible()
    other.page.goto(f"{portal.base}/studies/")
    expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.req("PA-06")
@ON_DEVICES
def test_a_colleague_joins_loses_the_phone_and_ends_a_session(portal: Portal, browser: Browser, phone: bool) -> None:
    email = f"nova{'-phone' if phone else ''}@lakeside.example"
    administrator = enter(portal, browser, "administrator", phone=phone)
    link = invite(portal, administrator, email)

    colleague = arrive(browser, phone=phone)
    _key, codes = accept(colleague, link)
    assert len(codes) == 10

    again = arrive(browser, phone=phone)
    new_key = recover(portal, again, email, codes[3])
    colleague.page.goto(f"{portal.base}/studies/")
    expect(colleague.page.get_by_role("heading", name="Sign in")).to_be_visible()

    end_the_other_session(portal, again, arrive(browser, phone=phone), email, new_key)
    assert [*administrator.problems, *colleague.problems, *again.problems] == []


@ON_DEVICES
def test_before_a_share_the_portal_asks_for_a_fresh_factor_and_loses_nothing(
    portal: Portal, browser: Browser, phone: bool
) -> None:
    key = "administrator" if phone else "owner"
    person = enter(portal, browser, key, phone=phone)
    page = person.page
    page.get_by_role("link", name=re.compile("Phantom")).first.click()
    page.get_by_role("link", name="Share").click()
    page.get_by_label("E-mail address of the recipient").fill("reich@market-square.example")
    page.get_by_label("Download the original files").check()
    portal.manage("shell", "--verbosity=0", "--command", _AGE)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    look(person, "people-step-up")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm and go on").click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    page.wait_for_timeout(1500)  # a wrong code makes the next try wait a second
    page.get_by_label("Code").fill(code_for(portal, key))
    page.get_by_role("button", name="Confirm and go on").click()
    expect(page.get_by_label(re.compile("The link"))).to_have_value(re.compile("/s/"))
    invitation = newest_mail(portal, to="reich@market-square.example", containing="/s/")
    assert "Lakeside Imaging" in invitation
    # The browser itself notes the answer 403 of the page that asks.
    assert [problem for problem in person.problems if "403" not in problem] == []


@pytest.mark.req("X-16")
@ON_DEVICES
def test_an_assistant_breaks_the_glass_and_the_officer_reviews_it(
    portal: Portal, browser: Browser, phone: bool
) -> None:
    assistant = enter(portal, browser, "assistant", phone=phone)
    page = assistant.page
    page.get_by_role("link", name=re.compile("Phantom")).nth(2 if phone else 0).click()
    expect(page.get_by_role("link", name="ZIP")).to_have_count(0)
    page.get_by_role("link", name="Emergency access").click()
    page.get_by_label("Why must you reach this patient now?").fill(REASON)
    look(assistant, "people-emergency")
    page.get_by_role("button", name="Open this patient").click()
    expect(page.get_by_text("Everything is marked in the access log.")).to_be_visible()
    look(assistant, "people-emergency-runs")
    with page.expect_download() as download:
        page.get_by_role("link", name="ZIP").click()
    assert download.value.failure() is None

    notice = newest_mail(portal, to=cast.BY_KEY["compliance"].email, containing="/emergencies/")
    assert "Asa Brandt" in notice
    assert REASON not in notice
    review = re.search(r"http\S+/emergencies/\S+", notice)
    assert review is not None
    officer = enter(portal, browser, "compliance", phone=phone)
    officer.page.goto(review[0])
    expect(officer.page.get_by_text(REASON)).to_be_visible()
    expect(officer.page.get_by_text("Downloaded the study")).to_be_visible()
    look(officer, "people-emergency-review")
    officer.page.get_by_label("Yes").check()
    officer.page.get_by_label("Note").fill("Confirmed by the hospital")
    officer.page.get_by_role("button", name="Write it down").click()
    look(officer, "people-emergencies")
    page.goto(f"{portal.base}/studies/")
    page.get_by_role("button", name="End now").click()
    expect(page.get_by_text("The emergency access has ended.")).to_be_visible()
    assert [*assistant.problems, *officer.problems] == []


def test_the_pages_of_those_who_manage_are_accessible(portal: Portal, browser: Browser) -> None:
    owner = enter(portal, browser, "owner", phone=False)
    page = owner.page
    for path, name in (
        ("/tokens/", "tokens"),
        ("/sites/", "sites"),
        ("/referrers/", "address-book"),
        ("/settings/", "settings"),
        ("/webhooks/", "webhooks"),
        ("/account/password/", "change-password"),
    ):
        page.goto(f"{portal.base}{path}")
        look(owner, f"people-{name}")
    page.goto(f"{portal.base}/people/")
    page.get_by_role("link", name="Change Theo Quist").click()
    look(owner, "people-member")
    page.goto(f"{portal.base}/tokens/")
    page.get_by_label("What it is for").fill("CBCT scanner")
    page.get_by_label("DICOMweb: store images").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_label("Token", exact=True)).to_have_value(re.compile(r"^dpt_"))
    look(owner, "people-token-made")
    assert owner.problems == []


@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_a_german_browser_is_answered_in_german(portal: Portal, browser: Browser, phone: bool) -> None:
    person = arrive(browser, phone=phone)
    person.page.set_extra_http_headers({"Accept-Language": "de-AT,de;q=0.9"})
    person.page.goto(f"{portal.base}/sign-in/")
    expect(person.page.locator("html")).to_have_attribute("lang", "de")
    expect(person.page.get_by_label("Passwort")).to_be_visible()
    look(person, "people-german-sign-in")
    person.page.goto(f"{portal.base}/demo/sign-in/technician/")
    person.page.goto(f"{portal.base}/studies/")
    expect(person.page.get_by_role("heading", name="Arbeitsliste")).to_be_visible()
    look(person, "people-german-worklist")

    person.page.get_by_role("button", name="English").click()

    expect(person.page.get_by_role("heading", name="Worklist")).to_be_visible()


def test_a_reader_of_two_centres_switches_between_them(portal: Portal, browser: Browser) -> None:
    reader = enter(portal, browser, "reader", phone=False)
    page = reader.page
    expect(page.get_by_role("link", name=re.compile("Phantom")).first).to_be_visible()
    # A film that is asked for after the switch is another centre's, and not found.
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Account of Dr. Noor Haddad").click()
    page.get_by_role("button", name="Work in Harbor Dental Group").click()
    expect(page.get_by_role("link", name=re.compile("Phantom"))).to_have_count(0)
    expect(page.get_by_text(re.compile("Harbor")).first).to_be_visible()
    assert reader.problems == []
