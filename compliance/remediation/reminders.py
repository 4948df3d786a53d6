"""Mails about tasks: to the owner, once for each threshold, through the outbox."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import figures as accounts
from common.clock import today
from common.scope import tenant_scope
from compliance.models import Task, TaskReminder
from compliance.remediation.events import TaskDue
from outbox import services as outbox

# Days before (positive) and after the day that a task is due or an acceptance ends.
THRESHOLDS: Final = (14, 7, 1, -1, -7, -30)


def remind_everyone() -> None:
    """Publish what has come to a threshold, in every tenant."""
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id):
            remind(tenant_id)


def remind(tenant_id: UUID) -> None:
    """Publish what has come to a threshold since the last time; a threshold that was slept through is left out."""
    horizon = today() + dt.timedelta(days=THRESHOLDS[0])
    unfinished = Task.objects.filter(state__in=Task.UNFINISHED, due_date__lte=horizon, owner__isnull=False)
    accepted = Task.objects.filter(state=Task.State.ACCEPTED, accepted_until_date__lte=horizon, owner__isnull=False)
    for task_id, day in [
        *unfinished.values_list("id", "due_date"),
        *accepted.values_list("id", "accepted_until_date"),
    ]:
        _remind_of(tenant_id, task_id, day)


def _remind_of(tenant_id: UUID, task_id: UUID, day: dt.date) -> None:
    days_left = (day - today()).days
    threshold = min(one for one in THRESHOLDS if one >= days_left)
    with transaction.atomic():
        reminder, is_new = TaskReminder.objects.get_or_create(
            tenant_id=tenant_id, task_id=task_id, due_date=day, threshold_days=threshold
        )
        if is_new:
            outbox.publish(TaskDue(tenant_id=tenant_id, task_id=task_id, reminder_id=reminder.id))
