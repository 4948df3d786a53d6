"""Measurements of links and of the log: each turns when the real state does."""

import datetime as dt

import pytest

from accounts.models import Membership, Tenant
from audit import selectors as audit_selectors
from audit import services as audit
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.evidence import registry
from compliance.evidence.probes import log
from compliance.models import Verdict
from pacs import figures as pacs
from sharing.models import GuestSession, ShareLink
from tests.audit import attacker
from tests.compliance.evidence.conftest import Look, Verdicts
from tests.factories.cast import make_actor
from tests.factories.sharing import change_link, open_session, share

pytestmark = pytest.mark.django_db

PASS, NEAR, FAIL, UNMEASURED = Verdict.PASS, Verdict.NEAR, Verdict.FAIL, Verdict.UNMEASURED


@pytest.mark.parametrize(("days", "expected"), [(14, PASS), (33, NEAR), (90, FAIL)])
def test_the_longest_life_of_an_open_link_is_measured(tenant: Tenant, look: Look, days: int, expected: Verdict) -> None:
    share(tenant, days=days)

    assert (look("P-SHARE-EXP").value, look("P-SHARE-EXP").verdict) == (days, expected)


def test_a_link_that_ended_is_not_measured(tenant: Tenant, look: Look) -> None:
    change_link(share(tenant, days=90), revoked_at=now())

    assert look("P-SHARE-EXP").value == 0


def test_a_link_without_an_address_for_the_code_is_open_to_anybody(tenant: Tenant, verdict: Verdicts) -> None:
    link = share(tenant)
    assert verdict("P-SHARE-NOVERIFY") is PASS

    change_link(link, recipient_email="")

    assert verdict("P-SHARE-NOVERIFY") is FAIL


def test_a_link_that_nobody_opened_for_a_month_is_stale(tenant: Tenant, verdict: Verdicts) -> None:
    link = share(tenant)
    assert verdict("P-SHARE-STALE") is PASS

    change_link(link, created_at=now() - dt.timedelta(days=31))
    assert verdict("P-SHARE-STALE") is FAIL

    change_link(link, used_sessions=1)
    assert verdict("P-SHARE-STALE") is PASS


def test_links_of_people_who_left_are_counted(tenant: Tenant, verdict: Verdicts) -> None:
    link = share(tenant)
    assert verdict("P-SHARE-REVOKE") is PASS

    with tenant_scope(tenant.id):
        Membership.objects.filter(user_id=link.sender.id).update(is_active=False)

    assert verdict("P-SHARE-REVOKE") is FAIL


def test_a_session_that_no_code_began_is_seen(tenant: Tenant, look: Look) -> None:
    link = share(tenant)
    assert look("P-MFA-EXT").verdict is UNMEASURED

    open_session(link)
    assert look("P-MFA-EXT").value == 100.0

    with tenant_scope(tenant.id):
        GuestSession.objects.create(tenant_id=tenant.id, link_id=link.link_id, secret_hash=bytes(32))
    assert (look("P-MFA-EXT").value, look("P-MFA-EXT").verdict) == (50.0, FAIL)


def test_an_opening_without_an_event_is_seen(tenant: Tenant, verdict: Verdicts) -> None:
    link = share(tenant)
    assert verdict("P-SHARE-LOG") is UNMEASURED

    open_session(link)
    assert verdict("P-SHARE-LOG") is PASS

    with tenant_scope(tenant.id):
        GuestSession.objects.create(tenant_id=tenant.id, link_id=link.link_id, secret_hash=bytes(32))
    assert verdict("P-SHARE-LOG") is FAIL


def test_a_download_must_say_what_was_taken(tenant: Tenant, look: Look) -> None:
    dentist = make_actor(tenant, "dentist")
    assert look("P-EXPORT-LOG").verdict is UNMEASURED
    with tenant_scope(tenant.id):
        audit.record(actor=dentist, action="study.exported", detail={"instances": 3, "sha256": "ab"})
    assert look("P-EXPORT-LOG").verdict is PASS

    with tenant_scope(tenant.id):
        audit.record(actor=dentist, action="study.exported")

    assert (look("P-EXPORT-LOG").value, look("P-EXPORT-LOG").verdict) == (50.0, FAIL)


def test_a_deed_without_an_event_is_seen(tenant: Tenant, look: Look) -> None:
    share(tenant)
    with tenant_scope(tenant.id):
        for study_id in pacs.received_since(now() - log.LOOK_BACK):
            audit.record(actor=make_actor(tenant, "technician"), action="study.stored", study_id=study_id)
    assert look("P-AUDIT-ON").verdict is PASS

    with tenant_scope(tenant.id):
        ShareLink.objects.create(
            id=uuid7(),
            tenant_id=tenant.id,
            secret_hash=bytes(32),
            recipient_email="x@example.org",
            not_before=now(),
            expires_at=now() + dt.timedelta(days=1),
            max_sessions=1,
            max_downloads=1,
        )

    assert look("P-AUDIT-ON").detail == "Without an event: 1 links made."


def test_the_database_refuses_to_change_the_log_and_nothing_is_changed_by_asking(tenant: Tenant, look: Look) -> None:
    assert look("P-AUDIT-CHAIN").value is True
    assert look("P-AUDIT-RET").verdict is PASS

    with tenant_scope(tenant.id):
        actions = [entry.action for entry in audit_selectors.list_events(audit_selectors.Filter())]
    assert actions == ["tenant.created"]


@pytest.mark.req("X-02")
def test_the_log_counts_as_verified_when_it_was_signed_and_verified(tenant: Tenant, look: Look) -> None:
    before = look("P-AUDIT-CHAIN")
    audit.sequence(tenant_id=tenant.id)
    audit.sign_checkpoint(tenant_id=tenant.id)
    signed = look("P-AUDIT-CHAIN")
    audit.verify_log(tenant_id=tenant.id)
    verified = look("P-AUDIT-CHAIN")

    assert [before.verdict, signed.verdict, verified.verdict] == [NEAR, NEAR, PASS]
    assert verified.detail.startswith("1 entry verified on ")


@pytest.mark.req("X-02")
def test_a_log_that_was_changed_is_off_target_and_names_the_index(tenant: Tenant, look: Look) -> None:
    audit.sequence(tenant_id=tenant.id)
    audit.sign_checkpoint(tenant_id=tenant.id)
    attacker.rewrite(tenant.id, lambda lines: [attacker.edited(lines[0])])
    audit.verify_log(tenant_id=tenant.id)

    assert look("P-AUDIT-CHAIN").verdict is FAIL
    assert look("P-AUDIT-CHAIN").detail.endswith("First bad index: 0.")


def test_a_log_without_its_triggers_is_seen(tenant: Tenant, look: Look, without_triggers: None) -> None:
    assert look("P-AUDIT-CHAIN").verdict is FAIL
    assert look("P-AUDIT-RET").verdict is FAIL
    with tenant_scope(tenant.id):
        assert len(audit_selectors.list_events(audit_selectors.Filter())) == 1


def test_one_failing_probe_does_not_stop_another(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_tenant_id: object) -> None:
        raise RuntimeError("a disk is on fire")

    monkeypatch.setitem(registry.all_probes(), "P-SHARE-EXP", broken)

    failed = registry.read("P-SHARE-EXP", tenant_id=tenant.id)
    assert (failed.verdict, failed.detail) == (UNMEASURED, "The measurement failed (RuntimeError).")
    assert registry.read("P-SHARE-STALE", tenant_id=tenant.id).verdict is PASS
