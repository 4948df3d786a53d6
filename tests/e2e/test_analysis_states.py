"""An analysis that waits, runs or fails is told of where people look, and the word goes once it is done."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import axe
from tests.e2e.conftest import Portal, arrive

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e"), pytest.mark.req("BR-41")]

# The demo's panoramic was analysed when it arrived; its run is put back and forth here, as a worker does it.
_PUT = """
from accounts import services as accounts
from common.scope import tenant_scope
from inference.models import Run
with tenant_scope(accounts.tenant_id_of_slug("lakeside-imaging")):
    is_busy = {former!r} == "done" and Run.objects.filter(state__in=Run.OPEN).exists()
    run = None if is_busy else Run.objects.filter(state={former!r}).order_by("id").first()
    if run is not None:
        Run.objects.filter(id=run.id).update(state={state!r}, message={message!r})
    print(run.study_id if run else "")
"""


def put(portal: Portal, former: str, state: str, *, message: str = "") -> str:
    """Put the first run in a state into another; return its study, "" while there is none, or others are not done."""
    code = _PUT.format(former=former, state=state, message=message)
    return portal.manage("shell", "--verbosity=0", "--command", code)


def analysed(portal: Portal, page: Page) -> str:
    """Wait until the demo has analysed its panoramic, and say that it is at it again; return the study."""
    while not (study_id := put(portal, "done", "running")):
        page.wait_for_timeout(200)
    return study_id


def test_the_worklist_and_the_study_tell_of_an_analysis_until_it_is_done(portal: Portal, browser: Browser) -> None:
    technician, dentist = arrive(browser), arrive(browser, phone=True, dark=True)
    for person, key in ((technician, "technician"), (dentist, "dentist")):
        person.page.goto(f"{portal.base}/demo/sign-in/{key}/")
        expect(person.page.get_by_role("heading", name="Worklist")).to_be_visible()
    study_id = analysed(portal, technician.page)
    technician.page.reload()
    row, news = technician.page.locator(f"#analysis-{study_id}"), technician.page.locator("#analysis-news")
    expect(row).to_have_text("analysis running")
    expect(news).to_have_text("1 study is being analysed.")
    technician.shoot("analysis-running-worklist")
    axe.check(technician.page)

    dentist.page.goto(f"{portal.base}/studies/{study_id}/")
    state = dentist.page.locator("#analysis-state")
    expect(state).to_contain_text("A network is looking at the images.")
    state.scroll_into_view_if_needed()
    dentist.shoot("analysis-running-study-390-dark")
    axe.check(dentist.page)

    put(portal, "running", "failed", message="The image cannot be read.")
    expect(row).to_have_text("analysis failed")
    expect(news).to_have_text("The analyses are over; not all succeeded.")
    expect(state).to_contain_text("A network could not look at the images.")
    dentist.page.get_by_role("link", name="See why").click()
    expect(dentist.page.get_by_text("The image cannot be read.")).to_be_in_viewport()
    dentist.shoot("analysis-failed-study-390-dark")

    put(portal, "failed", "running")
    for person in (technician, dentist):
        person.page.reload()
    expect(row).to_have_text("analysis running")
    expect(state).to_contain_text("A network is looking at the images.")
    put(portal, "running", "done")
    expect(row).to_have_text("")
    expect(news).to_have_text("The analyses are done.")
    expect(state).to_have_text("The analyses are done.")
    assert (technician.problems, dentist.problems) == ([], [])
