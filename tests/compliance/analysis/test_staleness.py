"""What changes in the practice turns an issued analysis stale, once, with the reason, and reopens what it concerns."""

from uuid import UUID

import pytest

from common.actor import system_actor
from common.scope import tenant_scope
from compliance.analysis import selectors, services
from compliance.assets import services as assets
from compliance.events import DeviceSeen
from compliance.models import DeviceSighting, SectionState, StaleReason
from outbox import services as outbox
from tests.factories.analysis import Walk, make_issued, make_practice, make_small_practice
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> Walk:
    return make_issued()


def tell(walk: Walk, **changes: object) -> bool:
    said: dict[str, object] = {
        "code": "incident",
        "subject": "incident-7",
        "text": "A laptop was lost",
        "question_ids": ["Q-S1-01"],
    }
    return services.mark_stale(actor=system_actor(walk.officer.tenant_id), **{**said, **changes})  # type: ignore[arg-type]  # as given


def reasons(walk: Walk) -> list[str]:
    with tenant_scope(walk.officer.tenant_id):
        return [reason.text for reason in selectors.list_stale_reasons(walk.id)]


@pytest.mark.req("X-03")
def test_a_change_turns_the_analysis_stale_with_its_reason(issued: Walk) -> None:
    assert tell(issued)

    assert issued.row().state == "stale"
    assert reasons(issued) == ["A laptop was lost"]


@pytest.mark.req("X-03")
def test_the_questions_concerned_are_to_be_confirmed_and_their_section_is_open(issued: Walk) -> None:
    tell(issued)

    with tenant_scope(issued.officer.tenant_id):
        section = SectionState.objects.get(analysis_id=issued.id, section_id="S1")
    assert issued.answer_row("Q-S1-01").confirm_reason == "A laptop was lost"
    assert issued.answer_row("Q-S1-02").confirm_reason == ""
    assert (section.closed_at, section.reopen_reason) == (None, "A laptop was lost")


def test_the_same_change_is_told_once(issued: Walk) -> None:
    tell(issued)
    issued.answer("Q-S1-01", "full")

    assert not tell(issued)
    assert reasons(issued) == ["A laptop was lost"]
    assert issued.answer_row("Q-S1-01").confirm_reason == ""


def test_the_same_change_after_the_next_issue_is_told_again(issued: Walk) -> None:
    tell(issued)
    issued.answer("Q-S1-01", "full")
    issued.close_all()
    issued.issue()

    assert tell(issued)
    assert issued.row().state == "stale"


def test_a_draft_and_a_superseded_analysis_are_not_told(issued: Walk) -> None:
    draft = issued.practice.start("2027", from_analysis_id=issued.id)
    draft.complete()
    draft.issue()
    tell(issued)

    with tenant_scope(issued.officer.tenant_id):
        assert list(StaleReason.objects.values_list("analysis_id", flat=True)) == [draft.id]


def test_a_tenant_without_an_issued_analysis_has_nothing_to_be_told() -> None:
    walk = make_practice().start()

    assert not tell(walk)


def test_another_tenants_analysis_is_not_touched(issued: Walk) -> None:
    tell(make_small_practice().start())

    assert issued.row().state == "issued"


# --- what the portal notices itself -----------------------------------------------------------------------------------


@pytest.mark.req("RA-13")
@pytest.mark.req("X-03")
def test_a_study_from_an_unseen_device_turns_the_analysis_stale_and_proposes_the_asset(issued: Walk) -> None:
    make_study(issued.officer.tenant_id, "unseen", 1, Manufacturer="Novel", ManufacturerModelName="Orbit 9")
    issued.practice.deliver()

    with tenant_scope(issued.officer.tenant_id):
        (seen,) = DeviceSighting.objects.filter(kind="modality")
    assert seen.state == "proposed"
    assert issued.row().state == "stale"
    assert any("Orbit 9" in text for text in reasons(issued))
    assert issued.answer_row("Q-S1-04").confirm_reason != ""
    assert "Devices that the portal has seen wait to be adopted or dismissed" in issued.lacks(2)


def test_a_second_study_of_the_same_device_adds_no_reason(issued: Walk) -> None:
    for seed in ("first", "second"):
        make_study(issued.officer.tenant_id, seed, 1, Manufacturer="Novel", ManufacturerModelName="Orbit 9")
        issued.practice.deliver()

    assert len([text for text in reasons(issued) if "Orbit 9" in text]) == 1


def test_a_new_browser_of_the_staff_leaves_the_analysis_as_it_is(issued: Walk) -> None:
    with tenant_scope(issued.officer.tenant_id):
        seen = DeviceSighting.objects.create(
            tenant_id=issued.officer.tenant_id,
            kind="browser",
            fingerprint="f" * 64,
            label="Firefox",
            suggested_type_id="",
        )
        outbox.publish(DeviceSeen(tenant_id=issued.officer.tenant_id, sighting_id=seen.id, kind="browser"))
    issued.practice.deliver()

    assert issued.row().state == "issued"


def archive_of(walk: Walk) -> UUID:
    (asset_id, *_) = {risk.asset_id for risk in walk.risks() if risk.asset_id}
    assert asset_id is not None
    return asset_id


@pytest.mark.req("RA-13")
def test_a_new_asset_turns_the_analysis_stale_and_gets_its_proposals(issued: Walk) -> None:
    issued.practice.add_asset("AT-CBCT", "CBCT 2")
    issued.practice.deliver()

    assert reasons(issued) == ["An asset was added to the inventory: CBCT 2."]
    assert {risk.state for risk in issued.risks(subject_name="CBCT 2")} == {"proposed"}


@pytest.mark.req("RA-13")
def test_new_software_turns_the_analysis_stale(issued: Walk) -> None:
    assets.change_asset(actor=issued.officer, asset_id=archive_of(issued), values={"software_version": "4.0"})
    issued.practice.deliver()

    assert reasons(issued) == ["The software or operating system of an asset changed: Archive."]


def test_a_new_note_on_an_asset_leaves_the_analysis_as_it_is(issued: Walk) -> None:
    assets.change_asset(actor=issued.officer, asset_id=archive_of(issued), values={"notes": "Dusted"})
    issued.practice.deliver()

    assert issued.row().state == "issued"


@pytest.mark.req("RA-13")
@pytest.mark.req("RA-10")
def test_a_new_way_to_a_referrer_turns_the_analysis_stale(issued: Walk) -> None:
    archive = archive_of(issued)
    stick = issued.practice.add_asset("AT-USB", "Stick", ephi="none")
    issued.practice.add_flow(f"asset:{archive}", f"asset:{stick}", "EF-USBOUT", label="Images on a stick")
    issued.practice.deliver()

    assert "Images or data move in a new way: Images on a stick." in reasons(issued)
