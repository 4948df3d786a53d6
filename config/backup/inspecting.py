"""What is done inside a scratch deployment: settle the database, compare, open studies, verify the logs."""

import secrets
from uuid import UUID

from django.core.management import call_command

from audit import services as audit
from common.errors import DomainError
from config.backup import database, restoring, sets
from config.backup.verifying import Inspected
from vault import selectors, tenants

_random = secrets.SystemRandom()


def load_scratch(set_id: UUID) -> None:
    """Put the database of a backup into the scratch place; objects are read where they lie."""
    made = sets.read(set_id)
    key = sets.key_of(made, recovery_key=None)
    database.require_replaceable(is_confirmed=False)
    database.load(sets.read_archive(made, made.database, key))
    call_command("migrate", verbosity=0, interactive=False)


def inspect(*, sample: int) -> Inspected:
    """Look at everything once, and at some studies closely."""
    tenant_ids = tenants.all_ids()
    replayed = [restoring.replay(tenant_id) for tenant_id in tenant_ids]
    reports = [selectors.check_objects(tenant_id, full=False) for tenant_id in tenant_ids]
    studies = [(tenant_id, key_id) for tenant_id in tenant_ids for key_id in selectors.keys_in_use(tenant_id=tenant_id)]
    chosen = _random.sample(studies, min(sample, len(studies)))
    opened = sum(_opens(*study) for study in chosen)
    return Inspected(
        tenants=len(tenant_ids),
        objects=sum(report.checked for report in reports),
        missing=sum(len(report.missing) for report in reports),
        damaged=sum(len(report.damaged) for report in reports),
        studies=len(studies),
        opened=opened,
        refused=len(chosen) - opened,
        lost_keys=sum(one.lost for one in replayed),
        dropped_keys=sum(one.dropped for one in replayed),
        audit_logs=len(tenant_ids),
        audit_failures=audit.verify_everything(),
    )


def _opens(tenant_id: UUID, key_id: UUID) -> bool:
    """Open every object of a study and compare it with its digest."""
    try:
        report = selectors.check_objects(tenant_id, full=True, key_id=key_id)
    except DomainError:
        return False
    return report.is_clean and not report.doomed
