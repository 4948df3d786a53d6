"""What networks of the victim are, did and found."""

import hashlib
from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from common.clock import now, today
from common.ids import uuid7
from common.scope import tenant_scope
from inference import services
from inference.models import Batch, Finding, ImageTag, Network, Rule, Run, StudyTag, TrainingObjection
from pacs.models import Instance, Study
from tests.factories import onnx_models
from tests.factories.cast import make_actor

DIGEST = bytes(range(32))
MANIFEST = onnx_models.package(name="canary-network", title="Canary network")["network.yaml"]


def make_ids(tenant: Tenant, study: Study) -> dict[str, Sequence[Any]]:
    """Make one of each, and return their ids."""
    owner = make_actor(tenant, "owner")
    services.allow_training(actor=owner, purpose="Canary purpose")
    with tenant_scope(tenant.id):
        instance = Instance.objects.filter(study=study).first()
        network = Network.objects.create(
            tenant=tenant,
            name="canary-network",
            version="1.0.0",
            title="Canary network",
            digest=hashlib.sha256(MANIFEST).digest(),
            kinds=["panoramic"],
            relation="own",
            manifest=MANIFEST.decode(),
            onnx_blob_id=uuid7(),
            golden_blob_id=uuid7(),
            size_bytes=1,
            imported_by=owner.id,
        )
        rule = Rule.objects.create(tenant=tenant, network=network, device="Canary device", made_by=owner.id)
        batch = Batch.objects.create(
            tenant=tenant, network=network, from_date=today(), to_date=today(), asked_by=owner.id
        )
        run = Run.objects.create(
            tenant=tenant,
            network=network,
            study=study,
            series_id=instance.series_id,
            instance=instance,
            input_sha256=DIGEST,
            trigger="demand",
            asked_by=owner.id,
            batch=batch,
            state="done",
            ended_at=now(),
        )
        _found(tenant, study, run)
    return {
        "network_id": (network.id,),
        "rule_id": (rule.id,),
        "network_run_id": (run.id,),
        "batch_id": (batch.id,),
    }


def _found(tenant: Tenant, study: Study, run: Run) -> None:
    Finding.objects.create(
        tenant=tenant, run=run, study=study, number=0, key="caries", title="Canary finding", score=0.9
    )
    TrainingObjection.objects.create(tenant=tenant, patient_id=study.patient_id, is_standing=True)
    StudyTag.objects.create(tenant=tenant, study=study, tag="canary_tag", source="network")
    ImageTag.objects.create(
        tenant=tenant,
        study=study,
        series_id=run.series_id,
        instance_id=run.instance_id,
        device="Canary device",
        input_sha256=DIGEST,
    )


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the scope)."""
    return {
        "networks": list(Network.objects.order_by("id").values_list("id", "retired_at")),
        "rules": list(Rule.objects.order_by("id").values_list("id", "is_on")),
        "runs": list(Run.objects.order_by("id").values_list("id", "state")),
        "objections": list(TrainingObjection.objects.order_by("id").values_list("id", "is_standing")),
        "batches": list(Batch.objects.order_by("id").values_list("id", "cancelled_at")),
    }
