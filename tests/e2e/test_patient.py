"""The patient's story: a paper from the desk, the images at home, who has looked, passing on and stopping."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import axe
from tests.e2e.conftest import Person, Portal, arrive
from tests.e2e.story import look, newest_mail, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

EMAIL = "petra@home.example"
DENTIST = "new@dentist.example"


def print_code(portal: Portal, desk: Person) -> str:
    """Check who stands there, print a code, and hand the paper over."""
    page = desk.page
    page.goto(f"{portal.base}/studies/")
    page.get_by_role("link", name="Phantom, Petra").first.click()
    page.get_by_role("link", name="Patient's access").click()
    desk.shoot("patient-desk")
    axe.check(page)
    page.get_by_role("button", name="I have checked the identity").click()
    code = page.locator(".slip-code code").inner_text()
    desk.shoot("patient-slip")
    axe.check(page)
    page.emulate_media(media="print")
    desk.shoot("patient-slip-print")
    page.emulate_media(media="screen")
    return code


def come_in(portal: Portal, patient: Person, code: str) -> None:
    """Scan the square, type the address, read the mail."""
    page = patient.page
    page.goto(f"{portal.base}/p/#{code}")
    expect(page.get_by_label("Code on the paper")).to_have_value(code)
    expect(page).to_have_url(f"{portal.base}/p/")
    patient.shoot("patient-enter-390")
    axe.check(page)
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_role("button", name="Continue").click()
    mailed = re.search(r"\b\d{8}\b", newest_mail(portal, to=EMAIL, containing="Your code"))
    assert mailed is not None
    axe.check(page)
    page.get_by_label("Code").fill(mailed[0])
    page.get_by_role("button", name="Open my images").click()
    expect(page.get_by_role("heading", name="Your images")).to_be_visible()


def pass_on(portal: Portal, patient: Person) -> None:
    page = patient.page
    page.get_by_role("link", name="Pass on to a dentist").click()
    axe.check(page)
    page.get_by_label("E-mail address of the dentist").fill(DENTIST)
    patient.shoot("patient-forward-390")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("The link is on its way.")).to_be_visible()
    text = newest_mail(portal, to=DENTIST, containing="/s/")
    assert "Petra" not in text
    assert "Phantom" not in text
    page.get_by_role("link", name="Back to your images").click()


def stop(patient: Person) -> None:
    page = patient.page
    page.get_by_role("button", name=f"Stop the link of {DENTIST}").click()
    patient.shoot("patient-stop-390")
    page.get_by_role("dialog").get_by_role("button", name="Stop the link").click()
    expect(page.get_by_role("listitem").filter(has_text=DENTIST).get_by_text("ended", exact=True)).to_be_visible()


@pytest.mark.req("PA-14")
@pytest.mark.req("PA-15")
@pytest.mark.req("X-08")
@pytest.mark.req("CARD-06")
def test_a_patient_takes_the_images_home_and_sees_who_looked(portal: Portal, browser: Browser) -> None:
    desk, patient = arrive(browser), arrive(browser, phone=True)
    sign_in(portal, desk, "assistant")
    come_in(portal, patient, print_code(portal, desk))
    page = patient.page
    patient.shoot("patient-390")
    axe.check(page)
    page.locator("details", has_text="opened the page of the examination").first.locator("summary").click()
    expect(page.get_by_text("opened the page of the examination").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"Asa Brandt \(assistant\), Lakeside Imaging")).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).first.click()
    assert download.value.suggested_filename.endswith(".zip")
    pass_on(portal, patient)
    stop(patient)
    page.get_by_role("link", name="Look at the images").first.click()
    expect(page.locator("#viewer")).to_have_attribute("data-state", re.compile("preview|full"), timeout=60_000)
    page.goto(f"{portal.base}/p/")
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="You have left")).to_be_visible()
    assert (desk.problems, patient.problems) == ([], [])


def test_a_patient_comes_back_with_a_passkey(portal: Portal, browser: Browser) -> None:
    desk, patient = arrive(browser), arrive(browser)
    desk.page.goto(f"{portal.base}/demo/sign-in/technician/")
    code = print_code(portal, desk)
    # Passkeys are made for names, not for numbers of the network.
    home = replace(portal, base=portal.base.replace("127.0.0.1", "localhost"))
    device = patient.context.new_cdp_session(patient.page)
    device.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, "isUserVerified": True}})
    come_in(home, patient, code)
    page = patient.page
    page.get_by_role("button", name="Make a passkey on this device").click()
    expect(page.get_by_text("Done. Next time")).to_be_visible()
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("link", name="Enter again").click()
    patient.shoot("patient-enter")
    page.get_by_role("button", name="Enter with a passkey").click()
    expect(page.get_by_role("heading", name="Your images")).to_be_visible()
    expect(page.get_by_text("You have a passkey")).to_be_visible()
    assert patient.problems == []


def test_the_patients_page_is_accessible_by_day_and_by_night(portal: Portal, browser: Browser) -> None:
    desk, patient = arrive(browser), arrive(browser)
    desk.page.goto(f"{portal.base}/demo/sign-in/technician/")
    come_in(portal, patient, print_code(portal, desk))
    look(patient, "patient")
    assert patient.problems == []
