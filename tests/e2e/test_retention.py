"""An old study from the clock to the certificate: explained, listed, stopped once, approved by two, destroyed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config.demo import cast
from tests.e2e.authenticator import code_for
from tests.e2e.conftest import Person, Portal, arrive
from tests.e2e.story import look, write_folder
from tests.factories.studies import make_files

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

PRACTICE = "bay-imaging"
# A practice of its own: what is destroyed here, no other story misses.
_PEOPLE = """
from django_otp.plugins.otp_totp.models import TOTPDevice
from accounts import services
tenant = services.create_tenant(name="Bay Imaging")
for role in ("compliance_officer", "owner"):
    user = services.create_member(
        tenant_id=tenant.id, email=role + "@bay.example", name=role.title(), roles=[role], password={password!r}
    )
    TOTPDevice.objects.create(user=user, name="story", key={key!r}, confirmed=True)
"""
# The cooling-off time, gone by: the run began so long ago.
_LATER = """
import datetime as dt
from accounts import services
from common.clock import now
from common.scope import tenant_scope
from compliance.models import DeletionRun
with tenant_scope(services.tenant_id_of_slug({slug!r})):
    DeletionRun.objects.update(began_at=now() - dt.timedelta(days=31), cooling_until=now() - dt.timedelta(days=1))
"""
_ROUND = """
from accounts import services
from compliance.retention import destroying
from vault import services as vault
tenant_id = services.tenant_id_of_slug({slug!r})
destroying.carry_out(tenant_id=tenant_id)
vault.run_barrier(tenant_id=tenant_id)
destroying.carry_out(tenant_id=tenant_id)
"""


def run_in(portal: Portal, code: str) -> None:
    portal.manage("shell", "--verbosity=0", "--command", code.format(slug=PRACTICE))


def send_old_study(portal: Portal, folder: Path) -> None:
    files = make_files("retention-story", 2, StudyDate="20150301", PatientBirthDate="19700101", PatientName="Old^Olga")
    portal.manage("import_dicom", f"--tenant={PRACTICE}", str(write_folder(folder / "old", files)))


def come_in(portal: Portal, browser: Browser, role: str) -> Person:
    """Sign somebody of the practice in, with both factors."""
    person = arrive(browser)
    page = person.page
    page.goto(f"{portal.base}/sign-in/")
    page.get_by_label("E-mail address").fill(f"{role}@bay.example")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Six-digit code").fill(code_for(portal, role))
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile("/(studies|first-steps|compliance)/"))
    return person


def choose_texas(portal: Portal, page: Page) -> None:
    """Say where the practice treats, and confirm the rule of that place by name."""
    page.goto(f"{portal.base}/compliance/retention/policy/")
    page.get_by_label("Where the practice treats").select_option(["US-TX"])
    page.get_by_role("button", name="Save the policy").click()
    page.get_by_role("link", name="Texas").click()
    page.get_by_label("Source that was read").fill("22 TAC 108.8(b), read at the publisher's page")
    page.get_by_role("button", name="Confirm in my name").click()
    expect(page.get_by_text("The rule is confirmed in your name.")).to_be_visible()


def begin_run(portal: Portal, person: Person) -> str:
    page = person.page
    page.goto(f"{portal.base}/compliance/retention/due/")
    expect(page.get_by_role("link", name="Old, Olga")).to_be_visible()
    look(person, "retention-due")
    page.get_by_role("button", name="Begin a run").click()
    expect(page.get_by_text("Nothing can be approved before")).to_be_visible()
    return page.url


def read_why(person: Person, url: str) -> None:
    """Read on the study's page until when it is kept."""
    page = person.page
    page.goto(url)
    page.get_by_role("link", name="Old, Olga").click()
    expect(page.get_by_role("heading", name=re.compile("Kept until 2020-03-01"))).to_be_visible()
    look(person, "retention-study")


def stop_once(person: Person, url: str) -> None:
    """Stop the run, and take the stop back."""
    page = person.page
    page.goto(url)
    page.get_by_label("Why").fill("A letter of a lawyer came")
    page.get_by_role("button", name="Stop the run").click()
    expect(page.get_by_text("A letter of a lawyer came")).to_be_visible()
    page.get_by_role("button", name="Take the stop back").click()
    expect(page.get_by_text("for two new approvals")).to_be_visible()


def approve(person: Person, url: str) -> None:
    person.page.goto(url)
    person.page.get_by_role("button", name="Approve the destruction").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Approve", exact=True).click()


def test_an_old_study_is_destroyed_by_two_people_and_certified(
    portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    portal.manage("shell", "--verbosity=0", "--command", _PEOPLE.format(password=cast.PASSWORD, key=cast.TOTP_KEY))
    send_old_study(portal, tmp_path)
    officer = come_in(portal, browser, "compliance_officer")
    owner = come_in(portal, browser, "owner")
    choose_texas(portal, officer.page)
    url = begin_run(portal, officer)
    read_why(officer, url)
    stop_once(officer, url)
    run_in(portal, _LATER)
    approve(officer, url)
    expect(officer.page.get_by_text("A second person has to look at it")).to_be_visible()
    look(officer, "retention-run")
    approve(owner, url)
    expect(owner.page.get_by_text("The run is approved")).to_be_visible()
    run_in(portal, _ROUND)

    officer.page.goto(f"{portal.base}/compliance/retention/certificates/")
    with officer.page.expect_download() as saved:
        officer.page.get_by_role("link", name="Signed file").click()
    assert "bitewing-destruction-certificate" in Path(saved.value.path()).read_text()
    look(officer, "retention-certificates")
    for name in ("", "simulation/", "policy/"):
        officer.page.goto(f"{portal.base}/compliance/retention/{name}")
        look(officer, f"retention-{name.strip('/') or 'overview'}")
    owner.page.goto(f"{portal.base}/studies/")
    expect(owner.page.get_by_text("Old, Olga")).to_have_count(0)
    assert officer.problems + owner.problems == []
