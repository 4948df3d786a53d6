"""A worker that dies between any two steps of the sequencer: no event is lost, none gets two leaves."""

import json
import signal
from pathlib import Path

import pytest

from tests.factories.portal import Portal
from tests.hostile import crashing
from tests.servers import deployment

# One process for all: starting each takes longer than its work. The events are three transactions of the sequencer.
_WRITE = """
from django.core.management import call_command
from django.db import transaction
from accounts.services import tenant_id_of_slug
from audit import services
from common.actor import system_actor
from common.scope import tenant_scope
call_command("create_tenant", "Lakeside")
tenant_id = tenant_id_of_slug("lakeside")
with tenant_scope(tenant_id), transaction.atomic():
    for number in range(1200):
        services.record(actor=system_actor(tenant_id), action="x.done", detail={"number": number})
"""
_FINISH = """
import json
from dataclasses import asdict
from accounts.services import tenant_id_of_slug
from audit import services
from audit.models import AuditEvent, AuditLeaf
from common.scope import tenant_scope
tenant_id = tenant_id_of_slug("lakeside")
with tenant_scope(tenant_id):
    before = AuditLeaf.objects.count()
while services.sequence(tenant_id=tenant_id):
    pass
found = asdict(services.verify_log(tenant_id=tenant_id))
with tenant_scope(tenant_id):
    events = AuditEvent.objects.count()
print(json.dumps({**found, "events": events, "before": before}))
"""


@pytest.mark.req("X-02")
def test_a_worker_that_is_killed_at_its_work_loses_and_doubles_nothing(tmp_path: Path) -> None:
    # The embedded worker on either database: without Redis.
    addresses = {name: value for name, value in deployment.addresses().items() if name != "BITEWING_REDIS_URL"}
    portal = Portal(tmp_path, addresses=addresses)
    portal.prepare()
    portal.manage("shell", "--verbosity=0", "--command", _WRITE)
    before_moving, after_moving = crashing.IN_SEQUENCER

    deaths = [die_at(portal, mark) for mark in (f"{before_moving}:2", after_moving)]

    found = json.loads(portal.manage("shell", "--verbosity=0", "--command", _FINISH))
    assert deaths == [-signal.SIGKILL, -signal.SIGKILL]
    # Only the first transaction of the first worker was ever committed.
    assert found["before"] == 500
    assert (found["reason"], found["gaps"]) == ("", 0)
    assert found["size"] == found["events"] >= 1200


def die_at(portal: Portal, mark: str) -> int:
    """Run a worker that dies at a mark, and return its status."""
    with crashing.working(crashing.armed(portal, mark)) as worker:
        if not crashing.becomes_true(worker.is_over):
            # It says where its threads are (PYTHONFAULTHANDLER).
            worker.process.send_signal(signal.SIGABRT)
            worker.process.wait()
            pytest.fail(f"The worker never came to {mark}: {worker.log.read_text()[-8000:]}")
        return int(worker.process.returncode)
