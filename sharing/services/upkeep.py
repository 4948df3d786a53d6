"""What sharing does by the clock."""

from django.db import transaction

from accounts import figures as accounts
from common.clock import now
from common.scope import tenant_scope
from sharing.models import PatientAccess, PatientMailCode


def purge() -> None:
    """Delete the codes that were mailed, and to whom, for printed codes that open nothing any more."""
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id), transaction.atomic():
            PatientMailCode.objects.exclude(access__in=PatientAccess.objects.with_fresh_code(now())).delete()
