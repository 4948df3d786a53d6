"""Verifying a log and keeping what was found."""

from uuid import UUID

from django.db import transaction

from audit import verification
from audit.models import AuditHead
from audit.signing import signer_of
from audit.verification import Finding
from common import logs
from common.clock import now
from common.scope import platform_scope, tenant_scope

log = logs.get("audit")
_FAILURE_CHARS = 300


def verify_log(*, tenant_id: UUID, held: list[str] | None = None) -> Finding:
    """Verify the log of a tenant where it lies, and note when, how far and with what result.

    Parameters
    ----------
    held
        Checkpoints that were kept elsewhere, as texts.
    """
    signer = signer_of(tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        found = verification.verify(tenant_id, signer, held=held)
        if not found.holds:
            log.error("log.damaged", tenant_id=str(tenant_id), count=found.bad_index)
        with transaction.atomic():
            AuditHead.objects.filter(tenant_id=tenant_id).update(
                verified_at=now(),
                verified_size=found.size,
                bad_index=found.bad_index,
                failure=found.reason[:_FAILURE_CHARS],
            )
    return found


def verify_everything() -> int:
    """Verify the logs of all tenants and of the deployment; return how many do not hold."""
    with platform_scope() as alias:
        tenants = list(AuditHead.objects.using(alias).order_by("tenant_id").values_list("tenant_id", flat=True))
    return sum(not verify_log(tenant_id=tenant_id).holds for tenant_id in tenants)
