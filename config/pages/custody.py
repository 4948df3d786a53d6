"""Keys and backups: who holds what, whether it answers, and what would come back."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.clock import now
from common.errors import DomainError
from common.scope import tenant_scope
from pacs import gate
from vault import backup_log, escrow, figures, recovery, selectors
from vault import services as vault
from vault.selectors import Custody

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# More than one night was missed.
_LATE = dt.timedelta(hours=36)

_HOLDERS: "dict[str, StrOrPromise]" = {
    "deployment": _("The operator of this portal"),
    "kms": _("You, in your AWS Key Management Service"),
    "pkcs11": _("You, in your hardware security module"),
    "file": _("You, in a file of your own"),
    "credential": _("You, as a credential of the service"),
}


@dataclass(frozen=True, slots=True)
class CustodyPage:
    """What the page shows; what could not be asked is None."""

    custody: Custody
    holder: "StrOrPromise"
    recovery_keys: int
    escrow_covers: bool
    last_backup: backup_log.BackupRun | None
    is_backup_late: bool
    last_test: backup_log.RestoreTest | None
    backup_keep_days: int
    oldest_check_at: dt.datetime | None
    objects: int
    findings: vault.Findings | None


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the keys of the tenant, and the backups of the portal."""
    actor = gate.member(request, "compliance.read")

    return render(request, "keys.html", {"page": _page(actor.tenant_id)})


def _page(tenant_id: UUID) -> CustodyPage:
    custody = selectors.get_custody(tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        fixity = figures.fixity()
    last = backup_log.last()
    return CustodyPage(
        custody=custody,
        holder=_HOLDERS.get(custody.holder, custody.holder),
        recovery_keys=_count_recipients(),
        escrow_covers=escrow.covers_epoch(tenant_id, custody.epoch),
        last_backup=last,
        is_backup_late=last is None or last.at < now() - _LATE,
        last_test=next(reversed(backup_log.list_tests()), None),
        backup_keep_days=settings.BITEWING_BACKUP_KEEP_DAYS,
        oldest_check_at=fixity.oldest_check_at,
        objects=fixity.objects,
        findings=vault.last_findings(),
    )


def _count_recipients() -> int:
    try:
        return len(recovery.recipients())
    except DomainError:
        return 0
