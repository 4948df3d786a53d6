"""Mails about agreements that end: to compliance officers and owners, once for each threshold, through the outbox."""

from uuid import UUID

from django.db import transaction

from accounts import figures as accounts
from common.clock import today
from common.scope import tenant_scope
from compliance.models import Agreement, AgreementReminder
from compliance.vendors.events import AgreementExpiring
from compliance.vendors.selectors import THRESHOLDS
from outbox import services as outbox


def remind_everyone() -> None:
    """Publish what has come to a threshold, in every tenant."""
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id):
            remind(tenant_id)


def remind(tenant_id: UUID) -> None:
    """Publish what has come to a threshold since the last time; a threshold that was slept through is left out."""
    rows = Agreement.objects.in_effect().exclude(expiry_date=None).filter(vendor__ended_date=None)
    for agreement_id, vendor_id, expiry in rows.values_list("id", "vendor_id", "expiry_date"):
        left = (expiry - today()).days
        if left <= THRESHOLDS[0] and not _is_followed(vendor_id, agreement_id):
            _remind_of(tenant_id, agreement_id, expiry, min(one for one in THRESHOLDS if one >= left))


def _is_followed(vendor_id: UUID, agreement_id: UUID) -> bool:
    """Say whether a later one is signed already."""
    number = Agreement.objects.filter(id=agreement_id).values("number")
    later = Agreement.objects.filter(vendor_id=vendor_id, state=Agreement.State.SIGNED, number__gt=number)
    return bool(later.exists())


def _remind_of(tenant_id: UUID, agreement_id: UUID, expiry: object, threshold: int) -> None:
    with transaction.atomic():
        reminder, is_new = AgreementReminder.objects.get_or_create(
            tenant_id=tenant_id, agreement_id=agreement_id, expiry_date=expiry, threshold_days=threshold
        )
        if is_new:
            outbox.publish(AgreementExpiring(tenant_id=tenant_id, agreement_id=agreement_id, reminder_id=reminder.id))
