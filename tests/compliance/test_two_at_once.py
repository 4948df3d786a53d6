"""Two people who write at the same moment: the second waits, and sees what the first did."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import Tenant
from common.clock import today
from common.scope import tenant_scope
from compliance.analysis import services as analyses
from compliance.analysis.errors import AnalysisSettledError
from compliance.analysis.services import Frame
from compliance.incidents import services as incidents
from compliance.models import AccessRequest, Agreement, DeletionRun, Incident, PolicyVersion, StaleReason
from compliance.policies import services as policies
from compliance.policies.errors import PolicyRefusedError
from compliance.requests import services as requests
from compliance.retention import runs
from compliance.retention.errors import NothingDueError
from compliance.vendors import agreements
from compliance.vendors.errors import AgreementSettledError
from tests.factories.analysis import make_issued, make_small_practice
from tests.factories.cast import make_actor, make_tenant
from tests.factories.crossing import cross
from tests.factories.retention import make_officer, make_old_study
from tests.factories.vendors import COPY, make_vendor

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def numbers(tenant: Tenant, kind: Any) -> list[int]:
    with tenant_scope(tenant.id):
        return list(kind.objects.order_by("number").values_list("number", flat=True))


def test_two_requests_and_two_incidents_have_two_numbers(tenant: Tenant) -> None:
    desk = make_actor(tenant, "assistant")
    request = {"patient_name": "Erika Muster", "requester": "herself", "wanted": "CBCT", "received_date": today()}
    incident = {"title": "Sent", "kind": "leaked_link", "description": "To a list", "discovered_date": today()}

    def ask() -> None:
        requests.receive_request(actor=desk, values=request)

    def report() -> None:
        incidents.report_incident(actor=desk, values=incident)

    assert cross(tenant, ask, ask) == cross(tenant, report, report) == []
    assert numbers(tenant, AccessRequest) == numbers(tenant, Incident) == [1, 2]


def test_of_two_who_begin_a_deletion_run_the_second_finds_nothing_left(tenant: Tenant) -> None:
    officer = make_officer(tenant)
    make_old_study(tenant)

    def begin() -> None:
        runs.begin(actor=officer)

    assert cross(tenant, begin, begin) == [NothingDueError]
    assert numbers(tenant, DeletionRun) == [1]


def test_two_who_write_the_same_policy_write_one_version_and_approve_it_once(tenant: Tenant) -> None:
    officer = make_actor(tenant, "compliance_officer")
    policy_id = policies.add_policy(actor=officer, title="Paper", citations="", text="One")

    def write() -> None:
        policies.write_version(actor=officer, policy_id=policy_id, text="Two", change_note="")

    assert cross(tenant, write, write) == [PolicyRefusedError]
    assert numbers(tenant, PolicyVersion) == [1, 2]
    with tenant_scope(tenant.id):
        newest = PolicyVersion.objects.get(number=2).id

    def approve() -> None:
        policies.approve_version(actor=officer, version_id=newest, effective_date=today())

    assert cross(tenant, approve, approve) == [PolicyRefusedError]


def test_two_who_begin_an_agreement_begin_one_and_what_is_signed_is_not_changed(tenant: Tenant) -> None:
    officer = make_actor(tenant, "compliance_officer")
    vendor_id = make_vendor(officer)

    def draft() -> None:
        agreements.draft_agreement(actor=officer, vendor_id=vendor_id)

    assert cross(tenant, draft, draft) == []
    assert numbers(tenant, Agreement) == [1]
    with tenant_scope(tenant.id):
        agreement_id = Agreement.objects.get().id
    signed: dict[str, Any] = {
        "effective_date": today(),
        "expiry_date": today() + dt.timedelta(days=365),
        "signatories": "A, B",
    }

    refused = cross(
        tenant,
        lambda: agreements.sign_agreement(actor=officer, agreement_id=agreement_id, copy=COPY, **signed),
        lambda: agreements.change_agreement(actor=officer, agreement_id=agreement_id, values={"wording": "Late"}),
    )

    assert refused == [AgreementSettledError]
    with tenant_scope(tenant.id):
        assert Agreement.objects.get().state == Agreement.State.SIGNED


def test_what_makes_an_analysis_stale_while_it_is_issued_makes_the_issue_stale() -> None:
    walk = make_issued()
    officer, tenant = walk.officer, walk.practice.tenant
    analyses.reopen_analysis(actor=officer, analysis_id=walk.id, reason="Look again")

    cross(
        tenant,
        lambda: analyses.issue(actor=officer, analysis_id=walk.id),
        lambda: analyses.mark_stale(actor=officer, code="asset", subject="1", text="A new server"),
    )

    with tenant_scope(tenant.id):
        waiting = list(StaleReason.objects.filter(handled_at=None).values_list("text", flat=True))
    assert (walk.row().state, waiting) == ("stale", ["A new server"])


def test_nobody_changes_an_analysis_while_it_is_issued() -> None:
    walk = make_small_practice().start()
    walk.complete()

    refused = cross(
        walk.practice.tenant,
        lambda: analyses.issue(actor=walk.officer, analysis_id=walk.id),
        lambda: analyses.describe(actor=walk.officer, analysis_id=walk.id, frame=Frame(title="Late")),
    )

    assert refused == [AnalysisSettledError]
