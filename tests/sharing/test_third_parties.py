"""Third parties get images with the consent that the patient signed, and never without."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from accounts import services as accounts
from accounts.models import Tenant
from audit import selectors as audit
from common.clock import now, today
from common.scope import tenant_scope
from sharing import services
from sharing.errors import TermsRefusedError
from sharing.models import ShareLink, ThirdPartyConsent
from sharing.services import Consent, Terms
from tests.factories.browsers import enter_as
from tests.factories.cast import CHOICES, make_actor, make_tenant
from tests.factories.sharing import RECIPIENT, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-18")]
FORM = {"email": "claims@insurer.example", "audience": "third-party", "days": "7"}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def share(tenant: Tenant, consent: Consent | None) -> None:
    terms = Terms(recipient_email=RECIPIENT, is_third_party=True, consent=consent)
    services.share_studies(actor=make_actor(tenant, "technician"), study_ids=[make_study(tenant).id], terms=terms)


def sharer(tenant: Tenant) -> tuple[Client, str]:
    return enter_as(tenant, "technician"), f"/studies/{make_study(tenant).id}/share/"


@pytest.mark.parametrize(
    "consent",
    [None, Consent(dt.date(2026, 1, 5), ""), Consent(dt.date(2026, 1, 5), "   ")],
    ids=["no consent", "kept nowhere", "kept in a blank"],
)
def test_without_a_recorded_consent_no_link_is_made(tenant: Tenant, consent: Consent | None) -> None:
    with pytest.raises(TermsRefusedError, match="consent"):
        share(tenant, consent)
    with tenant_scope(tenant.id):
        assert not ShareLink.objects.exists()


@pytest.mark.usefixtures("frozen_time")
def test_a_consent_is_not_signed_tomorrow(tenant: Tenant) -> None:
    with pytest.raises(TermsRefusedError, match="future"):
        share(tenant, Consent(today() + dt.timedelta(days=1), "Folder 7"))


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_consent_is_signed_by_the_calendar_of_the_practice(
    tenant: Tenant, frozen_time: time_machine.Traveller, zone: str
) -> None:
    accounts.change_settings(actor=make_actor(tenant, "owner"), time_zone=zone, choices=CHOICES)
    for clock in ("2026-10-02T04:00Z", "2026-10-02T20:00Z"):
        frozen_time.move_to(clock)
        there = now().astimezone(ZoneInfo(zone)).date()
        share(tenant, Consent(there, "Folder 7"))
        with pytest.raises(TermsRefusedError, match="future"):
            share(tenant, Consent(there + dt.timedelta(days=1), "Folder 7"))


def test_the_page_asks_for_it_and_keeps_what_was_filled_in(tenant: Tenant) -> None:
    client, path = sharer(tenant)
    answer = client.post(path, FORM)
    assert answer.status_code == 422
    assert "needs the patient" in answer.content.decode()
    assert "claims@insurer.example" in answer.content.decode()


def test_with_a_consent_the_link_is_made_and_both_are_kept(tenant: Tenant) -> None:
    client, path = sharer(tenant)
    client.post(path, {**FORM, "consent_date": "2026-03-09", "consent_kept": "Folder 7, page 12"})
    with tenant_scope(tenant.id):
        kept = ThirdPartyConsent.objects.select_related("link").get()
    assert kept.link.recipient_email == "claims@insurer.example"
    assert (kept.signed_date, kept.kept_where) == (dt.date(2026, 3, 9), "Folder 7, page 12")


def test_the_log_tells_that_there_was_one_and_not_where_it_lies(tenant: Tenant) -> None:
    share(tenant, Consent(dt.date(2026, 3, 9), "Folder 7"))
    with tenant_scope(tenant.id):
        [entry] = audit.list_events(audit.Filter(action="share.created"))
    assert (entry.detail["audience"], entry.detail["consent"]) == ("third party", "2026-03-09")
    assert "Folder" not in str(entry.detail)


def test_a_dentist_who_treats_the_patient_needs_none(tenant: Tenant) -> None:
    client, path = sharer(tenant)
    client.post(path, {**FORM, "audience": "treating"})
    with tenant_scope(tenant.id):
        assert ShareLink.objects.count() == 1
        assert not ThirdPartyConsent.objects.exists()
