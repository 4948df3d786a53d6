"""Finding assets: by words, kind, site, status and what stands out; page by page."""

import datetime as dt

import pytest
import time_machine

from accounts.models import Tenant
from common.actor import Actor
from common.scope import tenant_scope
from compliance.assets import findings, selectors, services
from compliance.assets.selectors import AssetFilter
from tests.factories.inventory import add_asset, get_asset, make_assets

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(officer: Actor) -> Actor:
    """Fill a small inventory."""
    add_asset(
        officer, "CBCT in room 2", "AT-CBCT", vendor="Planmeca", site="North", ephi="stored", encryption_at_rest="no"
    )
    add_asset(
        officer, "Capture PC", "AT-CAPWS", site="North", owner="Dr. Rivera", shared_login="yes",
        operating_system="Windows 7", os_support_end_date=dt.date(2020, 1, 14), ephi="stored",
        encryption_at_rest="yes",
    )  # fmt: skip
    add_asset(officer, "Front desk", "AT-FRONTWS", site="South", owner="Lee", ephi="transient", status="stored")
    return officer


def _names(actor: Actor, wanted: AssetFilter) -> list[str]:
    with tenant_scope(actor.tenant_id):
        found = [asset.name for asset in selectors.list_assets(wanted)]
        assert selectors.count_assets(wanted) == len(found)
    return found


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (AssetFilter(), ["CBCT in room 2", "Capture PC", "Front desk"]),
        (AssetFilter(text="planmeca"), ["CBCT in room 2"]),
        (AssetFilter(text="pc rivera"), ["Capture PC"]),
        (AssetFilter(text="pc lee"), []),
        (AssetFilter(class_id="workstation"), ["Capture PC", "Front desk"]),
        (AssetFilter(site="South"), ["Front desk"]),
        (AssetFilter(status="stored"), ["Front desk"]),
        (AssetFilter(concern="unsupported"), ["Capture PC"]),
        (AssetFilter(concern="unencrypted"), ["CBCT in room 2"]),
        (AssetFilter(concern="shared"), ["Capture PC"]),
        (AssetFilter(concern="ownerless"), ["CBCT in room 2"]),
        (AssetFilter(concern="unconfirmed", site="North"), ["CBCT in room 2", "Capture PC"]),
    ],
)
def test_a_filter_finds_what_it_names(practice: Actor, wanted: AssetFilter, names: list[str]) -> None:
    assert _names(practice, wanted) == names


@pytest.mark.req("RA-03")
@pytest.mark.req("RA-04")
def test_what_stands_out_about_an_asset_is_what_its_filters_find(practice: Actor) -> None:
    with tenant_scope(practice.tenant_id):
        found = {
            code: {asset.name for asset in selectors.list_assets(AssetFilter(concern=code))}
            for code in findings.CONCERNS
        }
        assets = selectors.list_assets()
        counts = selectors.count_concerns()
    day = dt.date(2026, 11, 21)
    told = {
        code: {a.name for a in assets if code in {finding.code for finding in findings.findings_of(a, day=day)}}
        for code in findings.CONCERNS
    }

    assert told == found
    assert counts == {code: len(names) for code, names in found.items()}


def test_a_confirmation_stands_for_a_year(officer: Actor) -> None:
    asset_id = add_asset(officer, owner="Lee")
    with time_machine.travel(dt.datetime(2025, 10, 2, 9, tzinfo=dt.UTC), tick=False):
        services.verify_asset(actor=officer, asset_id=asset_id)
    asset = get_asset(officer.tenant_id, asset_id)

    assert findings.findings_of(asset, day=dt.date(2026, 10, 2)) == ()
    assert [one.code for one in findings.findings_of(asset, day=dt.date(2026, 10, 3))] == ["unconfirmed"]


def test_a_disposed_asset_has_no_findings(officer: Actor) -> None:
    asset_id = add_asset(officer, shared_login="yes")
    services.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="wiped")

    assert findings.findings_of(get_asset(officer.tenant_id, asset_id), day=dt.date(2026, 10, 3)) == ()


@pytest.mark.parametrize("sort", selectors.SORTS)
def test_pages_follow_one_another_without_gap_or_repetition(tenant: Tenant, sort: str) -> None:
    make_assets(tenant.id, 7, site="North")
    with tenant_scope(tenant.id):
        whole = [asset.id for asset in selectors.list_assets(sort=sort)]
        first = [asset.id for asset in selectors.list_assets(sort=sort, limit=3)]
        second = [asset.id for asset in selectors.list_assets(sort=sort, after_id=first[-1], limit=3)]
        third = [asset.id for asset in selectors.list_assets(sort=sort, after_id=second[-1], limit=3)]

    assert first + second + third == whole


def test_other_parts_know_an_asset_with_the_class_of_its_type(practice: Actor) -> None:
    with tenant_scope(practice.tenant_id):
        found = {asset.name: asset.class_id for asset in selectors.assets_for_analysis()}

    assert found == {"CBCT in room 2": "modality", "Capture PC": "workstation", "Front desk": "workstation"}
