"""Those who send and those who read: each does what is due, one thing after the other, as soon as it is due."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from tooling.bench.capacity.observed import LOST, Observed
from tooling.bench.capacity.schedule import Event
from tooling.bench.client import Connection
from tooling.bench.targets import Target

Do = Callable[[Connection, Event], None]
_FRAME_BYTES = 16 << 20


def play(target: Target, events: Iterable[Event], do: Do, observed: Observed) -> None:
    """Do all that is due; how long each took counts from when it was due, not from when somebody had time for it."""
    by_hand = defaultdict(list)
    for event in events:
        by_hand[event.hand].append(event)
    opened = [(target.connect(bytearray(_FRAME_BYTES)), own) for own in by_hand.values()]
    began = time.perf_counter()
    threads = [
        threading.Thread(target=_work_off, args=(connection, own, do, observed, began)) for connection, own in opened
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work_off(connection: Connection, events: Sequence[Event], do: Do, observed: Observed, began: float) -> None:
    with connection:
        for event in events:
            time.sleep(max(0.0, began + event.due_s - time.perf_counter()))
            try:
                do(connection, event)
            except LOST as error:
                # That ends the climb, not the run.
                observed.failures.append(f"{event.kind}: {error}")
                connection.close()
            else:
                ended_s = time.perf_counter() - began
                observed.ended_s[event.kind].append(ended_s)
                observed.took_s[event.kind].append(ended_s - event.due_s)
