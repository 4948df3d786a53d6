"""A round that is killed between any two steps goes on: nothing is destroyed twice, nothing that is kept is touched."""

from functools import partial

import pytest

from accounts.models import Tenant
from common.scope import tenant_scope
from compliance.models import DeletionItem
from compliance.retention import destroying, runs
from pacs.models import Instance, Patient, Study
from tests.factories.cast import make_actor, make_tenant
from tests.factories.retention import let_time_pass, make_officer, make_old_study
from tests.hostile.crashing import IN_RETENTION
from tests.vault import dying
from vault import selectors, services

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("X-01"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


def approve_everything_due(tenant: Tenant) -> None:
    officer = make_officer(tenant)
    run_id = runs.begin(actor=officer)
    let_time_pass(tenant, run_id)
    runs.approve(actor=officer, run_id=run_id)
    runs.approve(actor=make_actor(tenant, "owner"), run_id=run_id)


def round_of(tenant: Tenant) -> None:
    """Do what the worker does every hour."""
    destroying.carry_out(tenant_id=tenant.id)
    services.run_barrier(tenant_id=tenant.id)
    destroying.carry_out(tenant_id=tenant.id)


def kill_and_resume(mark: str) -> dict[str, object]:
    """Kill a round at a mark, go on, and tell what can be seen."""
    tenant = make_tenant()
    make_old_study(tenant, f"old-{mark}", slices=2)
    kept = make_old_study(tenant, f"kept-{mark}", slices=2, StudyDate="20260101")
    approve_everything_due(tenant)
    died = dying.dies_at(mark, partial(round_of, tenant))
    round_of(tenant)
    round_of(tenant)
    with tenant_scope(tenant.id):
        (item,) = DeletionItem.objects.all()
        return {
            "died": died,
            "state": item.state in {"certified", "final"},
            "studies": list(Study.objects.values_list("id", flat=True)) == [kept.id],
            "instances": Instance.objects.count(),
            "patients": Patient.objects.count(),
            "destructions": len(selectors.list_destructions(tenant_id=tenant.id)),
            "readable": services.key_of(tenant_id=tenant.id, key_id=kept.key_id).id == kept.key_id,
        }


WELL = {
    "died": True,
    "state": True,
    "studies": True,
    "instances": 2,
    "patients": 1,
    "destructions": 1,
    "readable": True,
}


def test_a_round_goes_on_where_it_was_killed(transactional_db: None) -> None:
    seen = {mark: kill_and_resume(mark) for mark in IN_RETENTION}

    assert seen == dict.fromkeys(IN_RETENTION, WELL)
