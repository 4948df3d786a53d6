"""Measurements of inventory, analysis, tasks and records: each turns when the real state does."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.evidence import registry, services
from compliance.evidence.reading import Reading
from compliance.evidence.services import ActivityDraft
from compliance.models import Asset, DataFlow, DeviceSighting, Party, Snapshot, SpecDecision, StaleReason, Task, Verdict
from compliance.remediation import decisions, tasks
from compliance.remediation.tasks import TaskDraft
from tests.factories.analysis import Practice, decide_specification, make_practice

pytestmark = pytest.mark.django_db

PASS, NEAR, FAIL, UNMEASURED = Verdict.PASS, Verdict.NEAR, Verdict.FAIL, Verdict.UNMEASURED


@pytest.fixture
def practice() -> Practice:
    return make_practice()


@pytest.fixture
def officer(practice: Practice) -> Actor:
    return practice.officer


def look(practice: Practice, probe_id: str) -> Reading:
    return registry.read(probe_id, tenant_id=practice.tenant.id)


def change(practice: Practice, asset_id: UUID, **values: object) -> None:
    with tenant_scope(practice.tenant.id):
        Asset.objects.filter(id=asset_id).update(**values)


# --- inventory --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "probe_id", ["P-ASSET-AGE", "P-ASSET-EOS", "P-ASSET-ENC", "P-ASSET-AV", "P-ZONE", "P-REMOTE-UNATT"]
)
def test_an_empty_inventory_is_no_good_inventory(practice: Practice, probe_id: str) -> None:
    assert look(practice, probe_id).verdict is UNMEASURED


@pytest.mark.req("RA-09")
@pytest.mark.parametrize(
    ("probe_id", "good", "bad"),
    [
        ("P-ASSET-AGE", {"verified_at": now()}, {"verified_at": now() - dt.timedelta(days=400)}),
        ("P-ASSET-EOS", {"os_support_end_date": dt.date(2099, 1, 1)}, {"os_support_end_date": dt.date(2020, 1, 14)}),
        (
            "P-ASSET-ENC",
            {"ephi": "stored", "encryption_at_rest": "yes"},
            {"ephi": "stored", "encryption_at_rest": "unknown"},
        ),
        (
            "P-ASSET-AV",
            {"operating_system": "Windows 11", "endpoint_protection": "yes"},
            {"operating_system": "Windows 11", "endpoint_protection": "partly"},
        ),
        ("P-ZONE", {"network_zone": "imaging"}, {"network_zone": ""}),
        ("P-REMOTE-UNATT", {"remote_access_tool": ""}, {"remote_access_tool": "AnyDesk"}),
    ],
)
def test_an_asset_turns_a_measurement(
    practice: Practice, probe_id: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    asset = practice.add_asset("AT-CBCT", "CBCT unit")
    change(practice, asset, **good)
    assert look(practice, probe_id).verdict is PASS

    change(practice, asset, **bad)

    assert (look(practice, probe_id).value, look(practice, probe_id).verdict) == (1, FAIL)


def test_a_device_in_the_traffic_is_unknown_until_somebody_decides(practice: Practice) -> None:
    with tenant_scope(practice.tenant.id):
        seen = DeviceSighting.objects.create(
            tenant_id=practice.tenant.id, kind="modality", fingerprint="f", label="CBCT", suggested_type_id="AT-CBCT"
        )
    assert look(practice, "P-ASSET-UNKNOWN").verdict is FAIL

    with tenant_scope(practice.tenant.id):
        DeviceSighting.objects.filter(id=seen.id).update(state="dismissed")

    assert look(practice, "P-ASSET-UNKNOWN").verdict is PASS


def test_a_disposal_wants_a_certificate(practice: Practice) -> None:
    asset = practice.add_asset("AT-CBCT", "Old CBCT unit")
    change(practice, asset, status="disposed", disposal_date=today(), disposal_method="wiped", disposal_certificate="7")
    assert look(practice, "P-ASSET-DISPOSED").verdict is PASS

    change(practice, asset, disposal_certificate="")

    assert look(practice, "P-ASSET-DISPOSED").verdict is FAIL


def test_the_map_grows_old(practice: Practice) -> None:
    assert look(practice, "P-FLOW-AGE").verdict is UNMEASURED
    practice.feed(practice.add_asset("AT-CLOUDPACS", "Archive"))
    assert look(practice, "P-FLOW-AGE").verdict is PASS

    with tenant_scope(practice.tenant.id):
        DataFlow.objects.update(verified_at=now() - dt.timedelta(days=500))

    assert (look(practice, "P-FLOW-AGE").value, look(practice, "P-FLOW-AGE").verdict) == (16.4, FAIL)


def test_a_vendor_on_the_map_wants_an_agreement(practice: Practice) -> None:
    practice.feed(practice.add_asset("AT-CLOUDPACS", "Archive"))
    with tenant_scope(practice.tenant.id):
        Party.objects.update(kind="vendor")
    assert look(practice, "P-BAA-MISSING").verdict is FAIL

    with tenant_scope(practice.tenant.id):
        Party.objects.update(agreement_reference="Contract of May")

    assert look(practice, "P-BAA-MISSING").verdict is PASS


# --- analysis and tasks -----------------------------------------------------------------------------------------------


def issued_on(practice: Practice, moment: dt.datetime, *, years: int = 6) -> None:
    """Write an issue as it stands in the table; its documents do not matter here."""
    walk = practice.start()
    with tenant_scope(practice.tenant.id):
        Snapshot.objects.create(
            tenant_id=practice.tenant.id,
            analysis_id=walk.id,
            issue_number=1,
            sequence=1,
            data_blob_id=walk.id,
            data_sha256="0" * 64,
            pdf_blob_id=walk.id,
            pdf_sha256="0" * 64,
            signer_id=practice.officer.id,
            signer_name="Cora Lind",
            issued_at=moment,
            keep_until_date=moment.date() + dt.timedelta(days=years * 366),
        )


@pytest.mark.parametrize(("days", "expected"), [(30, PASS), (380, NEAR), (800, FAIL)])
def test_the_analysis_grows_old(practice: Practice, days: int, expected: Verdict) -> None:
    assert look(practice, "P-SRA-AGE").verdict is FAIL

    issued_on(practice, now() - dt.timedelta(days=days))

    assert look(practice, "P-SRA-AGE").verdict is expected


@pytest.mark.parametrize(("years", "expected"), [(6, PASS), (3, FAIL)])
def test_an_issue_is_kept_six_years_and_cannot_be_deleted(practice: Practice, years: int, expected: Verdict) -> None:
    assert look(practice, "P-DOC-RET").verdict is UNMEASURED

    issued_on(practice, now(), years=years)

    assert look(practice, "P-DOC-RET").verdict is expected


def test_a_reason_to_review_counts_until_it_is_handled(practice: Practice) -> None:
    walk = practice.start()
    with tenant_scope(practice.tenant.id):
        StaleReason.objects.create(tenant_id=practice.tenant.id, analysis_id=walk.id, code="x", text="A new unit")
    assert look(practice, "P-SRA-TRIGGER").verdict is FAIL

    with tenant_scope(practice.tenant.id):
        StaleReason.objects.update(handled_at=now())

    assert look(practice, "P-SRA-TRIGGER").verdict is PASS


def test_a_task_is_overdue_until_it_is_done(practice: Practice, officer: Actor) -> None:
    task = tasks.open_task(actor=officer, draft=TaskDraft("Encrypt it", due_date=today() - dt.timedelta(days=1)))
    assert look(practice, "P-TASK-OVERDUE").verdict is FAIL

    tasks.finish(actor=officer, task_id=task, version=1, evidence="Photograph 7")

    assert look(practice, "P-TASK-OVERDUE").verdict is PASS


def test_an_acceptance_runs_out(practice: Practice, officer: Actor) -> None:
    task = tasks.open_task(actor=officer, draft=TaskDraft("Replace the panoramic unit"))
    with tenant_scope(practice.tenant.id):
        accepted = Task.objects.filter(id=task)
        accepted.update(
            state="accepted",
            accepted_by_id=officer.id,
            accepted_at=now(),
            acceptance_reason="Ordered",
            accepted_until_date=today() + dt.timedelta(days=1),
        )
    assert look(practice, "P-ACCEPT-EXPIRED").verdict is PASS

    with tenant_scope(practice.tenant.id):
        accepted.update(accepted_until_date=today() - dt.timedelta(days=1))

    assert look(practice, "P-ACCEPT-EXPIRED").verdict is FAIL


def test_each_addressable_specification_wants_a_decision(practice: Practice, officer: Actor) -> None:
    assert look(practice, "P-ADDR-DEC").value == 22

    with tenant_scope(practice.tenant.id):
        ids = decisions.undecided_ids()
    for spec_id in ids[1:]:
        decide_specification(officer, spec_id)
    assert (look(practice, "P-ADDR-DEC").value, look(practice, "P-ADDR-DEC").verdict) == (1, FAIL)

    decide_specification(officer, ids[0])
    assert look(practice, "P-ADDR-DEC").verdict is PASS


def test_a_decision_past_its_review_holds_no_longer(practice: Practice, officer: Actor) -> None:
    with tenant_scope(practice.tenant.id):
        for spec_id in decisions.undecided_ids():
            SpecDecision.objects.create(
                tenant_id=practice.tenant.id,
                spec_id=spec_id,
                outcome="implemented",
                rationale="In place",
                review_date=today() - dt.timedelta(days=1),
            )

    assert look(practice, "P-ADDR-DEC").value == 22


# --- what people record -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probe_id", "kind", "limit_days"),
    [
        ("P-ROLE-REVIEW", "access_review", 180),
        ("P-AUDIT-REVIEW", "log_review", 31),
        ("P-VULN-AGE", "vulnerability_scan", 180),
        ("P-PENTEST-AGE", "penetration_test", 365),
        ("P-DRILL-AGE", "restore_drill", 180),
        ("P-DOWNTIME", "downtime_exercise", 365),
        ("P-EXPORT-TEST", "export_test", 365),
        ("P-INC-EXERCISE", "incident_exercise", 365),
        ("P-REMINDER-AGE", "security_reminder", 90),
        ("P-EVAL-AGE", "evaluation", 365),
        ("P-CONTACTS", "contacts_confirmed", 365),
        ("P-PHISH-AGE", "phishing_exercise", 365),
    ],
)
def test_what_was_recorded_grows_old(
    practice: Practice, officer: Actor, probe_id: str, kind: str, limit_days: int
) -> None:
    assert (look(practice, probe_id).value, look(practice, probe_id).verdict) == (None, FAIL)

    services.record_activity(
        actor=officer, draft=ActivityDraft(kind, today() - dt.timedelta(days=2 * limit_days), "Done")
    )
    assert look(practice, probe_id).verdict is FAIL

    services.record_activity(actor=officer, draft=ActivityDraft(kind, today() - dt.timedelta(days=limit_days), "Done"))
    assert look(practice, probe_id).verdict is PASS


def test_a_drill_that_did_not_succeed_is_none(practice: Practice, officer: Actor) -> None:
    failed = ActivityDraft(
        "restore_drill", today(), "The disk could not be read", is_successful=False, hours=Decimal(1)
    )

    services.record_activity(actor=officer, draft=failed)

    assert look(practice, "P-DRILL-AGE").verdict is FAIL
    assert look(practice, "P-DRILL-RTO").value is None


@pytest.mark.parametrize(("hours", "expected"), [("3.5", PASS), ("75", NEAR), ("100", FAIL)])
def test_the_time_of_a_restore_is_measured(practice: Practice, officer: Actor, hours: str, expected: Verdict) -> None:
    services.record_activity(
        actor=officer, draft=ActivityDraft("restore_drill", today(), "All back", hours=Decimal(hours))
    )

    assert (look(practice, "P-DRILL-RTO").value, look(practice, "P-DRILL-RTO").verdict) == (float(hours), expected)
