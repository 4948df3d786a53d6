"""What this part does when something was announced."""

from django.conf import settings
from django.urls import reverse

from accounts import selectors, services
from common.scope import tenant_scope
from compliance.models import Agreement, AgreementReminder
from compliance.vendors.events import AgreementExpiring


def mail_officers(event: AgreementExpiring) -> None:
    """Mail officers and owners that an agreement ends; one that was ended or followed meanwhile is not mentioned."""
    with tenant_scope(event.tenant_id):
        agreement = Agreement.objects.select_related("vendor").filter(id=event.agreement_id).first()
        reminder = AgreementReminder.objects.filter(id=event.reminder_id).first()
        if agreement is None or reminder is None or agreement.state != Agreement.State.SIGNED:
            return
        values = {
            "vendor": agreement.vendor.name,
            "day": agreement.expiry_date,
            "threshold": reminder.threshold_days,
            "url": settings.BITEWING_BASE_URL + reverse("compliance:agreement", args=[agreement.id]),
        }
        addresses = selectors.list_emails_of(["compliance_officer", "owner"])
    for address in addresses:
        services.send_mail("agreement_ends", tenant_id=event.tenant_id, to=address, **values)
