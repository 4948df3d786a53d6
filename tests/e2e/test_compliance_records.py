"""A compliance officer keeps vendors, an incident and policies, and opens the binder; looked at on desk and phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from common.clock import today
from tests.e2e.conftest import Person, Portal, arrive
from tests.e2e.story import look, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]


@pytest.mark.req("AI-18")
@pytest.mark.req("RA-12")
@pytest.mark.req("X-17")
@pytest.mark.req("X-18")
def test_vendors_incidents_policies_and_the_binder(portal: Portal, browser: Browser, tmp_path: Path) -> None:
    officer = arrive(browser)
    sign_in(portal, officer, "compliance")
    sign_with_a_vendor(portal, officer, tmp_path)
    go_through_an_incident(portal, officer)
    put_a_policy_into_force(portal, officer)
    open_the_binder(portal, officer)
    assert officer.problems == []


def sign_with_a_vendor(portal: Portal, officer: Person, folder: Path) -> None:
    """A vendor of artificial intelligence stays shut until agreement, encryption and guarantee are there."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/vendors/new/")
    page.get_by_label("Name").fill("Caries Reader Inc")
    page.get_by_label("Does it store patients").select_option("yes")
    page.get_by_label("It analyses images").check()
    page.get_by_label("Does it train on them").select_option("no")
    page.get_by_label("Does it encrypt at rest").select_option("yes")
    page.get_by_label("Is data encrypted on the way").select_option("yes")
    look(officer, "records-vendor-form")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Its networks cannot be switched on")).to_be_visible()
    look(officer, "records-vendor")
    address = page.url
    page.get_by_role("button", name="Draft an agreement").click()
    page.get_by_label("Training on images").select_option("prohibited")
    page.get_by_label("The text itself").fill("Vendor may use de-identified images to improve its products.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("To improve its products is a purpose of the vendor")).to_be_visible()
    page.locator("#found-BAX-01").select_option("yes")
    page.locator("#reference-BAX-01").fill("page 4")
    page.get_by_role("button", name="Save the checklist").click()
    (folder / "signed.pdf").write_bytes(b"%PDF-1.7 signed")
    page.get_by_label("In effect from").fill(today().isoformat())
    page.get_by_label("Who signed for both sides").fill("Hugo Stern; Max Berg")
    page.get_by_label("Signed copy").set_input_files(folder / "signed.pdf")
    page.get_by_role("button", name="It is signed").click()
    expect(page.get_by_text("in effect", exact=True)).to_be_visible()
    look(officer, "records-agreement")
    page.goto(address)
    expect(page.get_by_text("its networks can be switched on")).to_be_visible()


def go_through_an_incident(portal: Portal, officer: Person) -> None:
    """From discovery over the four factors and the notices to the end."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/incidents/report/")
    page.get_by_label("In one line").fill("Stick lost on the way")
    page.get_by_label("What happened").fill("A stick with volumes was lost.")
    page.get_by_label("Discovered on").fill(today().isoformat())
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_text("60 days left")).to_be_visible()
    look(officer, "records-incident")
    page.get_by_text("Weigh the four factors").click()
    for field in page.get_by_label("What speaks for it").all():
        field.fill("The stick was not encrypted")
    page.get_by_label("Why").fill("Nobody knows who has it")
    page.get_by_role("button", name="Record the assessment").click()
    for kind in ("individuals", "hhs"):
        tell(page, kind)
    page.get_by_text("Close the incident").click()
    page.get_by_label("What was done, and what was learned").fill("Sticks are not used any more")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("Sticks are not used any more").first).to_be_visible()
    look(officer, "records-incident-closed")


def tell(page: Page, kind: str) -> None:
    page.get_by_text("Record a notice").click()
    page.get_by_label("To whom", exact=True).select_option(kind)
    page.get_by_label("Sent on").fill(today().isoformat())
    page.get_by_label("How: letter").fill("Letter")
    page.get_by_label("How many were told").fill("3")
    page.get_by_role("button", name="Record for good").click()
    expect(page.get_by_text("Recorded.")).to_be_visible()


def put_a_policy_into_force(portal: Portal, officer: Person) -> None:
    """Take over a template, approve it, and confirm to have read it."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/policies/")
    page.get_by_role("button", name="Take over the templates").click()
    look(officer, "records-policies")
    page.get_by_role("link", name="Breaking the glass").click()
    page.get_by_role("button", name="Approve it").click()
    look(officer, "records-policy")
    page.goto(f"{portal.base}/compliance/policies/mine/")
    page.get_by_role("button", name="I have read and understood it").click()
    expect(page.get_by_text("Nothing to read")).to_be_visible()


def open_the_binder(portal: Portal, officer: Person) -> None:
    """The binder of the practice is a tagged document with what was recorded."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/binder/")
    look(officer, "records-binder")
    made = officer.context.request.get(f"{portal.base}/compliance/binder/draft/?kind=binder&format=pdf").body()
    assert b"pdfuaid" in made
    page.goto(f"{portal.base}/compliance/group/")
    look(officer, "records-group")
