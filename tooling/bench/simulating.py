"""What `tooling.bench.retention` runs inside a portal: it makes rows of studies, and forecasts what falls due."""

import datetime as dt
import json
import resource
import time
from collections.abc import Callable
from typing import Any, Final

from django.db import connection

from accounts import services as accounts
from common.clock import today
from common.ids import uuid7
from common.inserting import insert
from common.scope import tenant_scope
from compliance.retention import facts, rulebook, simulation
from compliance.retention.content import MinorClock
from compliance.retention.engine import Figures
from compliance.retention.policy import Terms
from pacs.models import Patient, Study

_RULE: Final = "US-TX"
_LONGER: Final = Figures(9, MinorClock(18, 27), "")
_ROWS: Final = 2000
# Of one patient.
_STUDIES: Final = 2
# Images of so many days are spread evenly: some fall due now, some in the months of the forecast, some later.
_DAYS: Final = 12 * 365
_PAGE: Final = 500


def fill(slug: str, studies: int) -> None:
    """Write rows of patients, each with some studies."""
    tenant_id = accounts.tenant_id_of_slug(slug)
    with tenant_scope(tenant_id):
        for first in range(0, studies, _ROWS):
            numbers = range(first, min(first + _ROWS, studies))
            patients = [
                Patient(tenant_id=tenant_id, match_key=f"bench-{number}", birth_date=dt.date(1980, 1, 1))
                for number in numbers[::_STUDIES]
            ]
            insert(patients)
            insert(
                [
                    Study(
                        tenant_id=tenant_id,
                        patient=patients[(number - first) // _STUDIES],
                        key_id=uuid7(),
                        study_instance_uid=f"2.25.88.{number}",
                        study_date=today() - dt.timedelta(days=number * 7919 % _DAYS),
                        patient_birth_date=dt.date(1980, 1, 1),
                        size_bytes=1000,
                    )
                    for number in numbers
                ]
            )


def measure(slug: str) -> str:
    """Return all figures as JSON."""
    terms = Terms(rulebook.latest(), jurisdictions=(_RULE,), confirmed={_RULE: None})
    other = terms.with_figures(_RULE, _LONGER)
    with tenant_scope(accounts.tenant_id_of_slug(slug)):
        studies, patients = Study.objects.count(), Patient.objects.count()
        rows_s, _ = _timed(lambda: sum(1 for _ in Study.objects.select_related("patient").iterator(_ROWS)))
        before = _peak_mb()
        counter = _Queries()
        with connection.execute_wrapper(counter):
            forecast_s, found = _timed(lambda: simulation.forecast(terms, today=today()))
        forecast_mb = _peak_mb() - before
        compare_s, _ = _timed(lambda: simulation.compare(terms, other, today=today()))
        walked = sum(1 for _ in facts.walk())
    if not found.total or walked != patients:
        raise RuntimeError("the forecast saw nothing, or not everybody")
    figures = {
        "studies": studies,
        "fall due": found.total,
        "rows_s": rows_s,
        "forecast_s": forecast_s,
        "forecast_to_rows": forecast_s / rows_s,
        "compare_s": compare_s,
        "compare_to_rows": compare_s / rows_s,
        "forecast_mb": forecast_mb,
        "queries": counter.count,
        "queries_a_page": counter.count / max(1, patients / _PAGE),
    }
    return json.dumps(figures)


class _Queries:
    """Counts statements (`execute_wrapper`)."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *words: Any) -> Any:
        self.count += 1
        return execute(*words)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
