"""The main menu on a phone: one press shows every entry, by touch and by keyboard; a desktop needs none."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import axe
from tests.e2e.conftest import DESKTOP, PHONE, Portal, arrive

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]


def entries(page: Page) -> list[str]:
    return [name.splitlines()[0] for name in links(page).all_inner_texts()]


def links(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Main").get_by_role("link")


def top_of(shown: Locator) -> float:
    return float(shown.evaluate("e => e.getBoundingClientRect().top"))


OWNERS = ["Worklist", "Upload", "Schedule", "In doubt", "Quarantine", "Compliance", "Access log"]


@pytest.mark.req("PA-21")
@pytest.mark.parametrize("dark", [False, True])
def test_an_owner_reaches_every_page_by_touch(portal: Portal, browser: Browser, dark: bool) -> None:
    person = arrive(browser, phone=True, dark=dark)
    page = person.page
    page.goto(f"{portal.base}/demo/sign-in/owner/")
    expect(page).to_have_url(re.compile("/(studies|first-steps)/$"))
    more = page.get_by_role("button", name="More pages")
    assert entries(page) == OWNERS[:3]
    page.set_viewport_size({"width": 360, "height": PHONE["height"]})
    assert top_of(more) == top_of(page.get_by_role("link", name="Worklist", exact=True))
    page.set_viewport_size(PHONE)

    more.tap()
    expect(links(page)).to_have_count(len(OWNERS))
    assert entries(page) == OWNERS
    for name in OWNERS:
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_in_viewport(ratio=1)
    person.shoot(f"main-menu-390-{'dark' if dark else 'light'}")
    axe.check(page)

    page.get_by_role("link", name="Access log", exact=True).tap()
    expect(page).to_have_url(f"{portal.base}/audit/")
    expect(more).to_have_css("font-weight", "600")
    more.tap()
    expect(page.get_by_role("link", name="Access log", exact=True)).to_have_attribute("aria-current", "page")
    page.touchscreen.tap(4, PHONE["height"] / 2)
    expect(links(page)).to_have_count(3)
    assert entries(page) == OWNERS[:3]
    assert person.problems == []


@pytest.mark.req("PA-21")
def test_the_menu_of_a_phone_is_walked_by_keyboard(portal: Portal, browser: Browser) -> None:
    person = arrive(browser, phone=True)
    page = person.page
    page.goto(f"{portal.base}/demo/sign-in/owner/")
    more = page.get_by_role("button", name="More pages")
    page.get_by_role("link", name="Schedule", exact=True).focus()
    page.keyboard.press("Tab")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="In doubt", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    assert entries(page) == OWNERS[:3]
    expect(more).to_be_focused()
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.base}/compliance/analysis/")
    assert person.problems == []


@pytest.mark.req("PA-21")
def test_the_pages_of_compliance_are_one_line_on_a_phone_and_unfold(portal: Portal, browser: Browser) -> None:
    person = arrive(browser, phone=True)
    page = person.page
    page.goto(f"{portal.base}/demo/sign-in/compliance/")
    page.goto(f"{portal.base}/compliance/vendors/")
    fold = page.locator("summary", has_text="Compliance › Systems › Vendors")
    pages = page.get_by_role("navigation", name="Pages of this part")
    expect(pages).to_be_hidden()
    axe.check(page)

    fold.press("Enter")
    expect(pages.get_by_role("link", name="Inventory")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    person.shoot("compliance-pages-390")
    axe.check(page)

    fold.tap()
    page.set_viewport_size(DESKTOP)
    expect(fold).to_be_hidden()
    expect(pages.get_by_role("link", name="Inventory")).to_be_in_viewport(ratio=1)
    assert person.problems == []


@pytest.mark.req("PA-21")
def test_a_desktop_and_a_person_with_few_pages_need_no_press(portal: Portal, browser: Browser) -> None:
    owner, dentist = arrive(browser), arrive(browser, phone=True)
    for person, key in ((owner, "owner"), (dentist, "dentist")):
        person.page.goto(f"{portal.base}/demo/sign-in/{key}/")

    assert entries(owner.page) == OWNERS
    assert entries(dentist.page) == ["Worklist", "Schedule"]
    expect(owner.page.get_by_role("button", name="More pages")).to_be_hidden()
    expect(dentist.page.get_by_role("button", name="More pages")).to_have_count(0)
    owner.page.set_viewport_size({"width": 900, "height": DESKTOP["height"]})
    assert entries(owner.page) == OWNERS
    axe.check(owner.page)
    assert (owner.problems, dentist.problems) == ([], [])
