"""Studies that are old, people who decide about them, and the end of a key."""

import datetime as dt
from typing import Any
from uuid import UUID

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from compliance.models import DeletionItem, DeletionRun
from compliance.retention import policy, runs
from compliance.retention.policy import ConfirmationDraft
from pacs.models import Patient, Study
from tests.factories.cast import make_actor
from tests.factories.studies import make_study
from vault.models import Barrier, Destruction

TEXAS = "US-TX"


def keep_by(officer: Actor, *rule_ids: str, confirmed: bool = True, **more: Any) -> None:
    """Say where the tenant treats, and have the officer confirm the rules of these places."""
    values: dict[str, Any] = {"overlays": [], "extension_years": {}, "notifies_patients": False, **more}
    policy.choose(actor=officer, jurisdictions=rule_ids, **values)
    for rule_id in rule_ids if confirmed else ():
        policy.confirm(actor=officer, draft=ConfirmationDraft(rule_id, "Read on the regulator's page, 2026-11-21"))


def make_officer(tenant: Tenant, *rule_ids: str, **more: Any) -> Actor:
    """Create a compliance officer whose tenant keeps by these rules, all confirmed."""
    officer = make_actor(tenant, "compliance_officer")
    keep_by(officer, *(rule_ids or (TEXAS,)), **more)
    return officer


def make_old_study(
    tenant: Tenant, seed: str = "old", *, slices: int = 1, born: str = "19700101", **elements: Any
) -> Study:
    """Store a study of 2015, as files of 2015 that came in today."""
    values = {"StudyDate": "20150301", "PatientBirthDate": born, **elements}
    return make_study(tenant.id, seed, slices, prepared=True, **values)


def set_birth(study: Study, born: dt.date | None) -> None:
    """Change the birth date that a study and its patient have."""
    with tenant_scope(study.tenant_id):
        Study.objects.filter(id=study.id).update(patient_birth_date=born)
        Patient.objects.filter(id=study.patient_id).update(birth_date=born)


def let_time_pass(tenant: Tenant, run_id: UUID) -> None:
    """Move a run so far into the past that its cooling-off time is over."""
    with tenant_scope(tenant.id):
        DeletionRun.objects.filter(id=run_id).update(began_at=now() - runs.COOLING, cooling_until=now())


def item_states(tenant: Tenant, run_id: UUID) -> list[str]:
    """Return how far the studies of a run are."""
    with tenant_scope(tenant.id):
        return list(DeletionItem.objects.filter(run_id=run_id).order_by("id").values_list("state", flat=True))


def pass_barrier(tenant: Tenant, state: str = "barrier_done") -> None:
    """Let the vault be as far as it is once the key of the epoch is destroyed."""
    with tenant_scope(tenant.id):
        barrier = Barrier.objects.filter(from_epoch=1).first() or Barrier.objects.create(
            tenant_id=tenant.id, from_epoch=1, to_epoch=2, survivors=0, step="finished", destroyed_at=now()
        )
        Destruction.objects.update(state=state, barrier=barrier)
