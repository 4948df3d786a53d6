"""Measurements of people and how they sign in: each turns when the real state does."""

import datetime as dt

import pytest
from axes.models import AccessAttempt
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import services as accounts
from accounts.models import ApiToken, Emergency, Tenant, TenantSettings, User
from common.actor import system_actor
from common.clock import now, today
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.evidence import services
from compliance.evidence.services import ActivityDraft
from compliance.models import Verdict
from tests.compliance.evidence.conftest import Look, Verdicts
from tests.factories.browsers import browser_of
from tests.factories.cast import actor_of, make_actor, make_member, make_tenant

pytestmark = pytest.mark.django_db

PASS, NEAR, FAIL = Verdict.PASS, Verdict.NEAR, Verdict.FAIL


def enrol(user: User) -> None:
    TOTPDevice.objects.create(user=user, confirmed=True)


def test_a_second_factor_counts_once_it_is_confirmed(tenant: Tenant, look: Look) -> None:
    first, second = make_member(tenant, "dentist"), make_member(tenant, "assistant")
    enrol(first)
    TOTPDevice.objects.create(user=second, confirmed=False)
    StaticDevice.objects.create(user=second, confirmed=True)

    assert (look("P-MFA-PCT").value, look("P-MFA-PCT").verdict) == (50.0, FAIL)
    enrol(second)
    assert (look("P-MFA-PCT").value, look("P-MFA-PCT").verdict) == (100.0, PASS)


def test_without_people_there_is_no_share_of_them(look: Look) -> None:
    assert look("P-MFA-PCT").verdict is Verdict.UNMEASURED
    assert "no people" in look("P-MFA-PCT").detail


def test_one_administrator_without_a_second_factor_fails(tenant: Tenant, verdict: Verdicts) -> None:
    enrol(make_member(tenant, "owner"))
    administrator = make_member(tenant, "administrator")

    assert verdict("P-MFA-ADMIN") is FAIL
    enrol(administrator)
    assert verdict("P-MFA-ADMIN") is PASS


def test_an_account_nobody_signs_in_to_becomes_dormant(tenant: Tenant, verdict: Verdicts) -> None:
    person = make_member(tenant, "dentist")
    assert verdict("P-DORMANT") is PASS

    User.objects.filter(id=person.id).update(last_login=now() - dt.timedelta(days=46))

    assert verdict("P-DORMANT") is FAIL


def test_an_account_of_a_desk_is_a_shared_one(tenant: Tenant, look: Look) -> None:
    make_member(tenant, "assistant", email="anna.kern@practice.example")
    assert look("P-SHAREDACCT").value == 0

    make_member(tenant, "assistant", email="front-desk2@practice.example")

    assert look("P-SHAREDACCT").value == 1


def test_four_sessions_at_once_look_like_a_shared_account(tenant: Tenant, look: Look) -> None:
    dentist = make_actor(tenant, "dentist")
    for _ in range(3):
        browser_of(dentist)
    assert look("P-SHAREDACCT").value == 0

    browser_of(dentist)

    assert look("P-SHAREDACCT").value == 1


def test_too_many_administrators_are_counted(tenant: Tenant, look: Look) -> None:
    for _ in range(9):
        make_member(tenant, "assistant")
    make_member(tenant, "owner")
    assert (look("P-ADMIN-COUNT").value, look("P-ADMIN-COUNT").verdict) == (10.0, PASS)

    make_member(tenant, "administrator")
    make_member(tenant, "administrator")

    assert (look("P-ADMIN-COUNT").value, look("P-ADMIN-COUNT").verdict) == (25.0, FAIL)


def test_an_administrator_with_a_clinical_role_works_under_one_account(tenant: Tenant, verdict: Verdicts) -> None:
    make_member(tenant, "administrator")
    assert verdict("P-PRIV-SEPARATE") is PASS

    make_member(tenant, "owner", "dentist")

    assert verdict("P-PRIV-SEPARATE") is FAIL


def test_the_right_to_take_originals_is_counted_by_role(tenant: Tenant, look: Look) -> None:
    make_member(tenant, "auditor")
    make_member(tenant, "dentist")
    assert look("P-EXPORT-PERM").verdict is PASS

    make_member(tenant, "radiologist")

    assert look("P-EXPORT-PERM").verdict is FAIL


def test_somebody_must_hold_the_role_of_compliance_officer(tenant: Tenant, verdict: Verdicts) -> None:
    assert verdict("P-SECOFF") is FAIL

    officer = make_member(tenant, "compliance_officer")
    assert verdict("P-SECOFF") is PASS

    User.objects.filter(id=officer.id).update(is_active=False)
    assert verdict("P-SECOFF") is FAIL


def test_an_emergency_that_nobody_reviewed_in_a_week_fails(tenant: Tenant, verdict: Verdicts) -> None:
    dentist = make_member(tenant, "dentist")
    opened = now() - dt.timedelta(days=8)
    with tenant_scope(tenant.id):
        act = Emergency.objects.create(
            tenant_id=tenant.id,
            user=dentist,
            patient_id=uuid7(),
            study_id=uuid7(),
            reason="The patient was unconscious",
            opened_at=opened,
            expires_at=opened + dt.timedelta(hours=1),
        )
    assert verdict("P-BREAKGLASS") is FAIL

    with tenant_scope(tenant.id):
        Emergency.objects.filter(id=act.id).update(reviewed_at=now())

    assert verdict("P-BREAKGLASS") is PASS


def test_the_idle_time_is_the_one_that_the_tenant_chose(tenant: Tenant, look: Look) -> None:
    assert (look("P-IDLE").value, look("P-IDLE").verdict) == (15, PASS)

    with tenant_scope(tenant.id):
        TenantSettings.objects.update_or_create(tenant_id=tenant.id, defaults={"idle_minutes": 30})

    assert (look("P-IDLE").value, look("P-IDLE").verdict) == (30, FAIL)


def test_passwords_need_length_a_check_and_a_lock_out(settings: Settings, look: Look) -> None:
    settings.AXES_ENABLED = True
    assert look("P-PWPOLICY").verdict is PASS

    settings.AUTH_PASSWORD_VALIDATORS = settings.AUTH_PASSWORD_VALIDATORS[:1]

    assert look("P-PWPOLICY").detail == "Missing: a check against known passwords."


@pytest.mark.parametrize(("is_on", "limit", "expected"), [(True, 10, PASS), (False, 10, FAIL), (True, 50, FAIL)])
def test_wrong_passwords_must_lock(
    settings: Settings, verdict: Verdicts, *, is_on: bool, limit: int, expected: Verdict
) -> None:
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = is_on, limit

    assert (verdict("P-LOCKOUT"), verdict("P-RATE")) == (expected, expected)


def test_guessing_counts_until_somebody_reviews_the_log(tenant: Tenant, verdict: Verdicts) -> None:
    person = make_member(tenant, "dentist")
    officer = make_actor(tenant, "compliance_officer")
    AccessAttempt.objects.create(username=person.email, failures_since_start=6)
    AccessAttempt.objects.create(username="stranger@elsewhere.example", failures_since_start=9)
    assert verdict("P-LOGINFAIL") is FAIL

    services.record_activity(
        actor=officer, draft=ActivityDraft("log_review", today(), "The dentist forgot his password.")
    )

    assert verdict("P-LOGINFAIL") is PASS


def test_a_token_is_old_after_a_year(tenant: Tenant, verdict: Verdicts) -> None:
    accounts.create_token(actor=system_actor(tenant.id), name="scanner", scopes=["dicomweb.write"])
    assert verdict("P-APIKEY-AGE") is PASS

    with tenant_scope(tenant.id):
        ApiToken.objects.update(created_at=now() - dt.timedelta(days=366), expires_at=now() + dt.timedelta(days=9))

    assert verdict("P-APIKEY-AGE") is FAIL


def test_a_token_of_every_scope_is_not_limited(tenant: Tenant, verdict: Verdicts) -> None:
    accounts.create_token(actor=system_actor(tenant.id), name="scanner", scopes=["dicomweb.write"])
    assert verdict("P-APIKEY-SCOPE") is PASS

    with tenant_scope(tenant.id):
        ApiToken.objects.update(scopes=[])

    assert verdict("P-APIKEY-SCOPE") is FAIL


def test_people_of_another_practice_are_not_measured(tenant: Tenant, look: Look) -> None:
    enrol(make_member(tenant, "dentist"))
    other = make_tenant()
    actor_of(other, make_member(other, "dentist"), ["dentist"])

    assert look("P-MFA-PCT").detail.startswith("1 of 1 person")
