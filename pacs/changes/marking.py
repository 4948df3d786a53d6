"""Giving a change its number."""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.changes.models import Change, Feed, Hook
from pacs.events import HookDue

# What changes together is told together.
GATHER_S = 1.0


def mark(*, tenant_id: UUID, study_id: UUID) -> int:
    """Note that a study changed, and return the number of the change.

    Numbers become visible in their order: the next one waits until this transaction is committed. It is therefore one
    of its own, and short.
    """
    with tenant_scope(tenant_id), transaction.atomic():
        Feed.objects.bulk_create([Feed(tenant_id=tenant_id)], ignore_conflicts=True)
        Feed.objects.update(last=F("last") + 1)
        number: int = Feed.objects.values_list("last", flat=True).get()
        Change.objects.update_or_create(
            tenant_id=tenant_id, study_id=study_id, defaults={"number": number, "at": now()}
        )
        hooks = Hook.objects.filter(is_on=True).order_by("id").values_list("id", flat=True)
        outbox.publish(*(HookDue(tenant_id=tenant_id, hook_id=hook_id) for hook_id in hooks), delay_s=GATHER_S)
    return number
