"""One of everything that the victim decided about keeping and destroying."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import (
    DeletionItem,
    DeletionRun,
    KeepingExtension,
    KeepingRequest,
    PatientCircumstances,
    RetentionHold,
    RetentionPolicy,
    RuleConfirmation,
)
from compliance.retention import circumstances, extensions, holds
from compliance.retention.extensions import ExtensionDraft
from compliance.retention.holds import HoldDraft
from pacs.models import Study
from tests.factories.cast import make_actor
from tests.factories.retention import keep_by


def make_ids(tenant: Tenant, study: Study) -> dict[str, Sequence[Any]]:
    """Make one of each, and return their ids."""
    officer = make_actor(tenant, "compliance_officer")
    keep_by(officer, "US-TX")
    draft = HoldDraft("legal", "Canary matter", officer.id, today() + dt.timedelta(days=90))
    hold_id = holds.place(actor=officer, study_id=study.id, draft=draft)
    extension_id = extensions.extend(actor=officer, study_id=study.id, draft=ExtensionDraft("implant"))
    circumstances.describe(actor=officer, study_id=study.id, jurisdictions=["US-CA"], overlays=[], is_incompetent=False)
    with tenant_scope(tenant.id):
        wish = KeepingRequest.objects.create(
            tenant_id=tenant.id, patient_id=study.patient_id, access_id=officer.id, wish="erase"
        )
        run = DeletionRun.objects.create(
            tenant_id=tenant.id, number=1, book_version=1, began_by_id=officer.id, cooling_until=now(), reason="Canary"
        )
        item = DeletionItem.objects.create(
            tenant_id=tenant.id,
            run=run,
            study_id=study.id,
            patient_id=study.patient_id,
            until_date=today(),
            rule_id="US-TX",
        )
    return {
        "hold_id": (hold_id,),
        "extension_id": (extension_id,),
        "wish_id": (wish.id,),
        "run_id": (run.id,),
        "item_id": (item.id,),
    }


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the open scope)."""
    return {
        "policy": list(RetentionPolicy.objects.values_list("id", "changed_at")),
        "confirmations": list(RuleConfirmation.objects.order_by("id").values_list("id")),
        "holds": list(RetentionHold.objects.order_by("id").values_list("id", "released_at", "review_date")),
        "extensions": list(KeepingExtension.objects.order_by("id").values_list("id", "ended_at")),
        "circumstances": list(PatientCircumstances.objects.order_by("id").values_list("id", "changed_at")),
        "wishes": list(KeepingRequest.objects.order_by("id").values_list("id", "state")),
        "deletion_runs": list(DeletionRun.objects.order_by("id").values_list("id", "state", "approved_by_id")),
        "deletion_items": list(DeletionItem.objects.order_by("id").values_list("id", "state")),
    }
