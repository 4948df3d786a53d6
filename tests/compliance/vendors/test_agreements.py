"""From draft to signed to ended: what is open, what is kept, and when artificial intelligence may be switched on."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, transaction

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import Agreement, AgreementCopy, ExitProof, RecordEntry
from compliance.vendors import agreements, gate, reminders, selectors, services
from compliance.vendors.agreements import Finding
from compliance.vendors.errors import AgreementSettledError, VendorNotFoundError, VendorRefusedError
from compliance.vendors.services import ExitDraft, Upload
from outbox import services as outbox
from tests.factories.browsers import browser_of
from tests.factories.cast import make_actor, make_tenant
from tests.factories.vendors import COPY, find_all, make_ai_vendor, make_vendor, sign

pytestmark = pytest.mark.django_db


def alerts(actor: Actor, vendor_id: Any) -> list[str]:
    with tenant_scope(actor.tenant_id):
        return [alert.id for alert in selectors.standing_of(vendor_id).alerts]


def lacks(actor: Actor, vendor_id: Any) -> str:
    return " ".join(gate.third_party_ai_lacks(tenant_id=actor.tenant_id, vendor_id=vendor_id))


@pytest.mark.req("RA-12")
@pytest.mark.req("RA-20")
def test_an_agreement_goes_from_missing_over_signed_to_expired(officer: Actor) -> None:
    vendor_id = make_vendor(officer)
    assert alerts(officer, vendor_id) == ["BAL-1"]
    agreement_id = sign(officer, vendor_id, days=200)
    assert alerts(officer, vendor_id) == ["BAL-3"]
    find_all(officer, agreement_id)
    assert alerts(officer, vendor_id) == []

    with time_machine.travel(now() + dt.timedelta(days=120), tick=False):
        assert alerts(officer, vendor_id) == ["BAL-2"]
    with time_machine.travel(now() + dt.timedelta(days=201), tick=False):
        assert alerts(officer, vendor_id) == ["BAL-1"]
    find_all(officer, sign(officer, vendor_id, days=None))
    with time_machine.travel(now() + dt.timedelta(days=210), tick=False):
        assert alerts(officer, vendor_id) == []
    with time_machine.travel(now() + dt.timedelta(days=366), tick=False):
        assert alerts(officer, vendor_id) == ["BAL-6"]


def test_an_agreement_until_the_last_day_of_the_calendar_is_kept_for_ever(officer: Actor) -> None:
    left = (dt.date.max - today()).days
    agreement_id = sign(officer, make_vendor(officer), days=left)

    page = browser_of(officer).get(f"/compliance/agreements/{agreement_id}/")

    assert page.status_code == 200
    assert "9999-12-31" in page.content.decode()


@pytest.mark.req("RA-20")
def test_officers_are_reminded_once_at_ninety_sixty_thirty_and_seven_days(tenant: Tenant, officer: Actor) -> None:
    sign(officer, make_vendor(officer), days=120)
    sent: dict[int, int] = {}
    for left in (91, 90, 89, 60, 45, 30, 29, 7, 6, 1, 0, -1):
        with time_machine.travel(now() + dt.timedelta(days=120 - left), tick=False):
            before = len(mail.outbox)
            with tenant_scope(tenant.id):
                reminders.remind(tenant.id)
            outbox.drain([tenant.id])
            sent[left] = len(mail.outbox) - before

    assert [left for left, count in sent.items() if count] == [90, 60, 30, 7]
    assert "Cloud Archive" in mail.outbox[-1].body
    assert mail.outbox[-1].subject.startswith("Within 7 days")


def test_a_renewed_agreement_is_not_reminded_of(tenant: Tenant, officer: Actor) -> None:
    vendor_id = make_vendor(officer)
    sign(officer, vendor_id, days=30)
    sign(officer, vendor_id, days=400)
    with tenant_scope(tenant.id):
        reminders.remind(tenant.id)
    outbox.drain([tenant.id])

    assert mail.outbox == []


def test_a_signed_agreement_keeps_its_terms(officer: Actor) -> None:
    agreement_id = sign(officer, make_vendor(officer))

    with pytest.raises(AgreementSettledError):
        agreements.change_agreement(actor=officer, agreement_id=agreement_id, values={"training_term": "allowed"})
    with tenant_scope(officer.tenant_id):
        assert Agreement.objects.get().training_term == "prohibited"


def test_what_is_said_to_be_found_names_its_page(officer: Actor) -> None:
    agreement_id = sign(officer, make_vendor(officer))

    with pytest.raises(VendorRefusedError, match="BAA-01"):
        agreements.record_findings(actor=officer, agreement_id=agreement_id, findings=[Finding("BAA-01", "yes")])


def test_the_signed_copy_is_kept_sealed_and_comes_back(officer: Actor) -> None:
    sign(officer, make_vendor(officer))
    with tenant_scope(officer.tenant_id):
        row = AgreementCopy.objects.get()

    opened = agreements.open_copy(actor=make_actor_of(officer, "auditor"), copy_id=row.id)
    assert opened == COPY


def make_actor_of(officer: Actor, role: str) -> Actor:
    return Actor(tenant_id=officer.tenant_id, kind=officer.kind, id=officer.id, roles=frozenset({role}))


@pytest.mark.req("RA-24")
@pytest.mark.parametrize("model", [AgreementCopy, ExitProof, RecordEntry])
def test_what_was_kept_can_neither_be_changed_nor_deleted(officer: Actor, model: Any) -> None:
    vendor_id = make_vendor(officer)
    sign(officer, vendor_id)
    draft = ExitDraft("destroyed", today(), "Keys destroyed, backups expired", "Certificate 7")
    services.record_exit(actor=officer, vendor_id=vendor_id, draft=draft)

    with tenant_scope(officer.tenant_id):
        found = model.objects.all()
        assert found.count() > 0
        for attempt in (lambda: found.update(tenant_id=officer.tenant_id), found.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()


@pytest.mark.req("RA-24")
def test_an_agreement_is_kept_six_years_after_it_was_last_in_effect(officer: Actor) -> None:
    agreement_id = sign(officer, make_vendor(officer))
    agreements.end_agreement(actor=officer, agreement_id=agreement_id, ended_date=today(), reason="Another archive")

    with tenant_scope(officer.tenant_id):
        row = Agreement.objects.get(id=agreement_id)
    until = selectors.keep_until(row)
    assert until is not None
    assert (until.year - today().year, row.state) == (6, "ended")


def test_an_ended_vendor_owes_proof_of_return_or_destruction(officer: Actor) -> None:
    vendor_id = make_vendor(officer)
    services.end_vendor(actor=officer, vendor_id=vendor_id, ended_date=today(), reason="Another archive")
    assert alerts(officer, vendor_id) == ["BAL-5"]
    draft = ExitDraft("destroyed", today(), "Keys destroyed, backups expired", "Certificate 7")
    services.record_exit(actor=officer, vendor_id=vendor_id, draft=draft, upload=Upload("c.pdf", b"certificate"))

    assert alerts(officer, vendor_id) == []
    with tenant_scope(officer.tenant_id):
        proof = ExitProof.objects.get()
    assert services.open_proof(actor=officer, proof_id=proof.id).data == b"certificate"


# --- the gate of AI-18 ------------------------------------------------------------------------------------------------


def papers(actor: Actor, name: str) -> frozenset[str]:
    return gate.papers_on_record(tenant_id=actor.tenant_id, supplier_name=name)


@pytest.mark.req("AI-18")
@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"encrypts_at_rest": "no"}, {gate.AT_REST}),
        ({"encrypts_in_transit": "unknown"}, {gate.IN_TRANSIT}),
        ({"trains_on_images": "unknown"}, {gate.NO_TRAINING}),
        ({"ended_date": dt.date(2026, 1, 1)}, gate.PAPERS),
    ],
)
def test_who_asks_by_name_is_told_which_papers_are_there(
    officer: Actor, changed: dict[str, Any], missing: set[str]
) -> None:
    vendor_id = make_ai_vendor(officer)
    find_all(officer, sign(officer, vendor_id))
    services.change_vendor(actor=officer, vendor_id=vendor_id, values=changed)

    assert papers(officer, "Caries Reader") == gate.PAPERS - missing
    assert papers(officer, "Nobody knows") == frozenset()


@pytest.mark.req("AI-18")
def test_the_gate_opens_only_when_everything_is_in_place(officer: Actor) -> None:
    vendor_id = make_ai_vendor(officer)
    assert "No signed business associate agreement" in lacks(officer, vendor_id)
    agreement_id = sign(officer, vendor_id)
    assert "clause against training" in lacks(officer, vendor_id)
    find_all(officer, agreement_id)

    assert lacks(officer, vendor_id) == ""
    assert papers(officer, "caries reader") == gate.PAPERS


@pytest.mark.req("AI-18")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"encrypts_at_rest": "no"}, "at rest"),
        ({"encrypts_at_rest": "unknown"}, "at rest"),
        ({"encrypts_in_transit": "unknown"}, "on the way"),
        ({"trains_on_images": "unknown"}, "does not train"),
        ({"trains_on_images": "yes"}, "does not train"),
        ({"ended_date": dt.date(2026, 1, 1)}, "has ended"),
    ],
)
def test_each_thing_that_lacks_or_nobody_knows_shuts_it(officer: Actor, changed: dict[str, Any], words: str) -> None:
    vendor_id = make_ai_vendor(officer)
    find_all(officer, sign(officer, vendor_id))
    services.change_vendor(actor=officer, vendor_id=vendor_id, values=changed)

    assert words in lacks(officer, vendor_id)


@pytest.mark.req("AI-18")
@pytest.mark.parametrize("training", ["silent", "allowed", "opted_in"])
def test_terms_that_do_not_forbid_training_shut_it(officer: Actor, training: str) -> None:
    vendor_id = make_ai_vendor(officer)
    find_all(officer, sign(officer, vendor_id, training=training))

    assert "does not forbid training" in lacks(officer, vendor_id)


@pytest.mark.req("AI-18")
def test_an_expired_agreement_shuts_it_again(officer: Actor) -> None:
    vendor_id = make_ai_vendor(officer)
    find_all(officer, sign(officer, vendor_id, days=10))

    with time_machine.travel(now() + dt.timedelta(days=11), tick=False):
        assert "No signed business associate agreement" in lacks(officer, vendor_id)


@pytest.mark.req("AI-18")
def test_a_vendor_of_another_practice_is_no_vendor(officer: Actor) -> None:
    vendor_id = make_ai_vendor(officer)
    stranger = make_actor(make_tenant(), "compliance_officer")

    assert "no such vendor" in lacks(stranger, vendor_id)
    with pytest.raises(VendorNotFoundError):
        services.change_vendor(actor=stranger, vendor_id=vendor_id, values={"services": "x"})


@pytest.mark.parametrize("role", ["auditor", "administrator", "technician", "dentist"])
def test_who_may_not_write_does_not(tenant: Tenant, role: str) -> None:
    with pytest.raises(ForbiddenError):
        make_vendor(make_actor(tenant, role))
