"""Who reads which series, decided at most every five seconds: a viewer asks for a thousand frames in that time.

What is remembered is one client's decision for one series, with the rows that reading its frames needs (they never
change). A revoked credential is another key at once; a deleted study is forgotten here, and elsewhere in five seconds.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from django.http import HttpRequest

from audit.services import AccessSession
from common.actor import Actor
from common.scope import brief_scope
from pacs import gate, leaving, selectors
from pacs.errors import StudyNotFoundError
from pacs.gate import Reached
from pacs.selectors import InstanceRef

DECISION_S = 5.0
_MAX_SERIES = 64
# Larger studies are read row by row: their rows would fill the memory.
_MAX_ROWS = 2_000


@dataclass(slots=True)
class SeriesAccess:
    """One client's access to one series."""

    reached: Reached
    series_uid: str
    session: AccessSession
    decided: float
    instances: dict[str, InstanceRef] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def instance(self, sop_uid: str) -> InstanceRef:
        """Return one instance of the series, or raise StudyNotFoundError.

        The first one is looked up alone; whoever wants a second will want the others.
        """
        found = self.instances.get(sop_uid)
        if found is None:
            with self.lock:
                if sop_uid not in self.instances:
                    self._load(sop_uid)
            found = self.instances.get(sop_uid)
        if found is None:
            raise StudyNotFoundError()
        return found

    def _load(self, sop_uid: str) -> None:
        study = self.reached.study
        is_alone = not self.instances or study.number_of_instances > _MAX_ROWS
        with brief_scope(study.tenant_id):
            rows = selectors.list_instances(
                study_id=study.id, series_instance_uid=self.series_uid, sop_instance_uid=sop_uid if is_alone else None
            )
        if len(self.instances) > _MAX_ROWS:
            self.instances.clear()
        self.instances.update((row.sop_instance_uid, row) for row in rows)


_Key = tuple[tuple[Actor, ...], str, str]
_decided: OrderedDict[_Key, SeriesAccess] = OrderedDict()
_lock = threading.Lock()


def read_series(request: HttpRequest, *, study: str, series: str) -> SeriesAccess:
    """Return the access to a series for looking at it; its audit event is committed."""
    key = (gate.actors_of(request), study, series)
    known = _decided.get(key)
    if known is not None and time.monotonic() - known.decided < DECISION_S:
        return known
    decided = time.monotonic()
    reached = gate.find_study(request, study_instance_uid=study, action="study.view")
    with brief_scope(reached.actor.tenant_id):
        session = leaving.open_access(reached, "view")
    access = SeriesAccess(reached=reached, series_uid=series, session=session, decided=decided)
    if leaving.is_nothing():
        # Who asks for more than the head must be written down, hence decided on anew.
        return access
    with _lock:
        _decided[key] = access
        _decided.move_to_end(key)
        while len(_decided) > _MAX_SERIES:
            _decided.popitem(last=False)
    return access


def forget() -> None:
    """Drop all that is remembered in this process."""
    with _lock:
        _decided.clear()
