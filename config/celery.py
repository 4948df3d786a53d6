"""Background work on Redis: a nudge for each message of the outbox, and a clock (SECURITY-DESIGN part 7).

No broker is the truth. A nudge that Redis loses is given again: the clock asks the database what is due.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from celery import Celery
from celery.exceptions import OperationalError
from celery.signals import worker_process_init, worker_ready, worker_shutting_down
from django.conf import settings
from redis.exceptions import RedisError

from audit import services as audit
from audit.sequencer import PAUSE_S
from common import logs
from config import periodic
from outbox import heartbeat, services
from outbox.periodic import run_due
from outbox.worker import CLOCK_S
from vault import watch

log = logs.get("celery")
TIME_LIMIT_S = 1800
TICK_S = 1.0
# Nudges that wait in one queue before the clock adds none: some seconds of work for a worker.
MAX_WAITING = 200

app = Celery("bitewing", broker=settings.BITEWING_REDIS_URL or None, set_as_current=False)
app.conf.update(
    task_ignore_result=True,
    # A task is given back when its worker dies, not when it begins.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=TIME_LIMIT_S,
    broker_transport_options={
        "visibility_timeout": 2 * TIME_LIMIT_S,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "socket_keepalive": True,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        "clock": {"task": "outbox.clock", "schedule": CLOCK_S, "options": {"expires": 60}},
        "due": {"task": "outbox.due", "schedule": TICK_S, "options": {"expires": 5}},
        "sequencer": {"task": "audit.sequence", "schedule": PAUSE_S, "options": {"expires": 5}},
    },
)


@app.task(name="outbox.deliver")  # type: ignore[untyped-decorator]  # Celery has no types
def deliver(message_id: str) -> None:
    """Deliver one message, if it still waits."""
    services.run(UUID(message_id))


@app.task(name="outbox.clock")  # type: ignore[untyped-decorator]  # Celery has no types
def clock() -> None:
    """Say that this worker lives, nudge for what is due again, run what is periodic."""
    heartbeat.beat()
    _nudge_for(services.due_messages())
    run_due(periodic.jobs())


@app.task(name="outbox.due")  # type: ignore[untyped-decorator]  # Celery has no types
def due() -> None:
    """Nudge for what was published for later and has become due; what a tick misses is left to the clock."""
    _nudge_for(services.due_messages(since_s=2 * TICK_S))


def _nudge_for(messages: Iterable[tuple[UUID, str]]) -> None:
    """Nudge for the first messages of each queue, as many as it has room for."""
    waiting: dict[str, list[UUID]] = {}
    for message_id, queue in messages:
        waiting.setdefault(queue, []).append(message_id)
    for queue, ids in waiting.items():
        nudge(ids[: _room(queue)], queue)


def _room(queue: str) -> int:
    """Return how many nudges a queue takes from the clock.

    A nudge that waits is not recognised as that of a message which is due still, or is done. Were all of them given
    again at each tick, workers that are behind would hear of nothing but what is done already, and fall behind further.
    """
    name = queue or app.conf.task_default_queue
    try:
        with app.connection_or_acquire() as connection:
            return max(0, MAX_WAITING - int(connection.default_channel.client.llen(name)))
    except (OperationalError, RedisError) as error:
        log.warning("broker.absent", error_type=type(error).__name__)
        return 0


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def forget_keys_in_time(**_: object) -> None:
    """Let a worker process forget its keys when a barrier says so, also while it has nothing to do."""
    watch.start()


@app.task(name="audit.sequence")  # type: ignore[untyped-decorator]  # Celery has no types
def sequence() -> None:
    """Give waiting events of the audit log their leaves."""
    audit.sequence_everything()
    audit.tell_void_numbers()


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def begin(**_: object) -> None:
    """Look at once for what waits, not after the first tick of the clock."""
    clock.apply_async()


def run_worker(*options: str, queues: str = "") -> bool:
    """Run a worker until it ends; say whether it was told to. Without `queues` it takes all but those of tenants."""
    told: list[object] = []

    def hear(**_: object) -> None:
        told.append(True)

    worker_shutting_down.connect(hear)
    taken = queues or f"{app.conf.task_default_queue},{services.ANALYSES}"
    app.worker_main(
        ["worker", "--loglevel=WARNING", "--without-gossip", "--without-mingle", f"--queues={taken}", *options]
    )
    return bool(told)


def nudge(ids: Sequence[UUID], queue: str = "") -> None:
    """Tell a worker of messages; without Redis they wait for the clock."""
    try:
        for message_id in ids:
            deliver.apply_async((str(message_id),), retry=False, queue=queue or app.conf.task_default_queue)
    except OperationalError as error:
        log.warning("broker.absent", error_type=type(error).__name__)
