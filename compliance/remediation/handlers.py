"""What this part does when something was announced."""

from django.conf import settings
from django.urls import reverse

from accounts import services as accounts
from common.scope import tenant_scope
from compliance.models import Task
from compliance.remediation.events import TaskDue


def mail_owner(event: TaskDue) -> None:
    """Mail the owner of a task that it is due; one that was finished meanwhile is not mentioned."""
    with tenant_scope(event.tenant_id):
        task = Task.objects.select_related("owner").filter(id=event.task_id).first()
        if task is None or task.owner is None or task.state in {Task.State.DONE, Task.State.VERIFIED}:
            return
        values = {
            "number": task.number,
            "day": task.accepted_until_date if task.state == Task.State.ACCEPTED else task.due_date,
            "is_acceptance": task.state == Task.State.ACCEPTED,
            "url": settings.BITEWING_BASE_URL + reverse("compliance:task", args=[task.id]),
        }
        to = task.owner.email
    accounts.send_mail("task_due", tenant_id=event.tenant_id, to=to, **values)
