"""The worklist of a busy day: by keyboard alone, several studies at once, searches that stay, and how it looks."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from config.demo import cast
from tests.e2e import axe
from tests.e2e.authenticator import code_for
from tests.e2e.conftest import Person, Portal, arrive
from tests.e2e.story import look

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]


def enter(portal: Portal, person: Person, key: str) -> Page:
    """Sign one of the cast in."""
    person.page.goto(f"{portal.base}/demo/sign-in/{key}/")
    expect(person.page).to_have_url(f"{portal.base}/studies/")
    return person.page


# What a screen reader would say of what has the focus: nothing for the page as a whole.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.tabIndex < 0) return '';
  return e.getAttribute('aria-label') || (e.labels && e.labels[0] && e.labels[0].innerText) || e.innerText || '';
}"""


def press_until(page: Page, name: str, *, most: int = 80) -> None:
    """Press Tab until something of this name has the focus."""
    for _ in range(most):
        if page.evaluate(FOCUSED).strip().startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name!r}")


@pytest.mark.req("CARD-06")
@pytest.mark.req("PA-20")
@pytest.mark.req("PA-21")
def test_a_radiologist_goes_from_the_sign_in_to_the_signed_report_by_keyboard_alone(
    portal: Portal, browser: Browser
) -> None:
    radiologist = arrive(browser)
    page = radiologist.page
    page.goto(f"{portal.base}/sign-in/")
    press_until(page, "E-mail address")
    page.keyboard.type(cast.BY_KEY["radiologist"].email)
    press_until(page, "Password")
    page.keyboard.type(cast.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    page.keyboard.type(code_for(portal, "radiologist"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.base}/studies/")

    press_until(page, "Patient name")
    page.keyboard.type("pia")
    expect(page.get_by_role("link", name="Phantom, Petra")).to_have_count(0)
    press_until(page, "Phantom, Pia")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Phantom, Pia")).to_be_visible()
    study_url = page.url

    press_until(page, "Write report")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Observations")).to_be_visible()
    press_until(page, "Observations")
    page.keyboard.type("No finding. Written without a mouse.")
    press_until(page, "Sign")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for _ in range(2):
        if dialog.get_by_role("button", name="Sign").evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(study_url)
    expect(page.get_by_text("signed", exact=True)).to_be_visible()
    assert radiologist.problems == []


def test_the_rows_are_walked_with_single_keys(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "technician")
    names = page.locator("a.name")
    names.first.focus()
    page.keyboard.press("j")
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(names.first).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("1 study chosen")).to_be_visible()
    person.shoot("worklist-chosen")
    page.keyboard.press("/")
    expect(page.get_by_label("Patient name")).to_be_focused()
    assert person.problems == []


def test_on_a_phone_the_first_study_comes_before_the_search(portal: Portal, browser: Browser) -> None:
    person = arrive(browser, phone=True)
    page = enter(portal, person, "technician")
    fold, name = page.get_by_text("Search and filter"), page.get_by_label("Patient name")
    expect(name).to_be_hidden()
    expect(page.locator("a.name").first).to_be_in_viewport()
    person.shoot("worklist-390")
    axe.check(page)
    fold.focus()
    page.keyboard.press("Enter")
    name.fill("pia")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Phantom, Petra")).to_have_count(0)
    expect(name).to_have_value("pia")
    person.shoot("worklist-search-390")
    assert person.problems == []


def test_several_studies_are_put_into_the_bin_and_taken_back(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "owner")
    rows = page.locator("tbody tr")
    before = rows.count()
    for number in range(2):
        rows.nth(number).get_by_role("checkbox").check()
    page.get_by_role("button", name="To the bin").click()
    person.shoot("worklist-bin")
    page.get_by_role("dialog").get_by_role("button", name="Move to the bin").click()
    expect(page.get_by_text("2 studies lie in the bin.")).to_be_visible()
    expect(rows).to_have_count(before - 2)
    person.shoot("worklist-undo")
    axe.check(page)
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(before)
    assert person.problems == []


def test_several_studies_are_given_to_somebody_to_read(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "administrator")
    row = page.locator("tbody tr").first
    row.get_by_role("checkbox").check()
    page.get_by_label("Reader").select_option(label="Dr. Rana Iyer")
    page.get_by_role("button", name="Give to read").click()
    expect(page.get_by_text("for Dr. Rana Iyer").first).to_be_visible()
    reader = arrive(browser)
    listed = enter(portal, reader, "radiologist")
    listed.get_by_label("To be read by").select_option(label="me")
    expect(listed.locator("tbody tr")).to_have_count(1)
    assert (person.problems, reader.problems) == ([], [])


def test_a_search_is_kept_for_everybody(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "technician")
    page.get_by_label("Modality").select_option("CT")
    expect(page.get_by_role("link", name="Phantom, Pia")).to_have_count(0)
    page.get_by_text("Keep this search").click()
    page.get_by_label("Name of the search").fill("Volumes")
    page.get_by_label("for everybody in this centre").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("link", name="Volumes")).to_have_attribute("aria-current", "page")
    person.shoot("worklist-saved")
    axe.check(page)
    other = arrive(browser)
    listed = enter(portal, other, "dentist")
    listed.get_by_role("link", name="Volumes").click()
    expect(listed.get_by_role("link", name="Phantom, Petra").first).to_be_visible()
    expect(listed.get_by_role("link", name="Phantom, Pia")).to_have_count(0)
    assert (person.problems, other.problems) == ([], [])


def test_what_is_chosen_while_the_script_is_on_its_way_is_searched(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "technician")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/fragments*.js", hold)
    with page.expect_request("**/fragments*.js"):
        page.reload()
    page.get_by_label("Modality").select_option("CT")
    expect(page.get_by_role("link", name="Phantom, Pia").first).to_be_visible()
    held.pop().continue_()
    expect(page.get_by_role("link", name="Phantom, Pia")).to_have_count(0)
    assert person.problems == []


@pytest.mark.req("PA-24")
def test_a_link_of_the_practice_program_leads_to_the_study(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "dentist")
    page.set_content(
        f'<form method="post" action="{portal.base}/studies/open/"><input name="patient_id" value="LI-1002">'
        "<button>Images</button></form>"
    )
    page.get_by_role("button", name="Images").click()
    expect(page.get_by_role("heading", name="Phantom, Pavel")).to_be_visible()
    assert "LI-1002" not in page.url


PAGES = ["/studies/", "/studies/figures/", "/first-steps/"]


def test_the_pages_are_accessible_at_every_width(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = enter(portal, person, "owner")
    page.get_by_role("link", name=re.compile("^Phantom")).first.click()
    for path in (page.url.removeprefix(portal.base), *PAGES):
        page.goto(f"{portal.base}{path}")
        look(person, "study-page" if path.count("-") > 2 else path.strip("/").replace("/", "-"))
    assert person.problems == []
