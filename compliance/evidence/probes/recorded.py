"""What only people can do: how long ago they recorded it. What was never recorded counts as never done."""

from typing import Final
from uuid import UUID

from compliance.evidence import activities
from compliance.evidence.arithmetic import days_since, months_since
from compliance.evidence.reading import Measured
from compliance.evidence.registry import probe
from compliance.models import Activity

Kind = Activity.Kind
_IN_DAYS: Final = {
    "P-ROLE-REVIEW": Kind.ACCESS_REVIEW,
    "P-AUDIT-REVIEW": Kind.LOG_REVIEW,
    "P-VULN-AGE": Kind.VULNERABILITY_SCAN,
    "P-PENTEST-AGE": Kind.PENETRATION_TEST,
    "P-DRILL-AGE": Kind.RESTORE_DRILL,
    "P-DOWNTIME": Kind.DOWNTIME_EXERCISE,
    "P-EXPORT-TEST": Kind.EXPORT_TEST,
    "P-INC-EXERCISE": Kind.INCIDENT_EXERCISE,
    "P-REMINDER-AGE": Kind.SECURITY_REMINDER,
}
_IN_MONTHS: Final = {
    "P-EVAL-AGE": Kind.EVALUATION,
    "P-CONTACTS": Kind.CONTACTS_CONFIRMED,
    "P-PHISH-AGE": Kind.PHISHING_EXERCISE,
}


def _register(probe_id: str, kind: Activity.Kind, *, in_months: bool) -> None:
    @probe(probe_id)
    def age_of_the_last_record(_tenant_id: UUID) -> Measured:
        found = activities.last(kind)
        if found is None:
            return Measured(None, f"Never recorded: {kind.label}.")
        age = months_since(found.performed_date) if in_months else days_since(found.performed_date)
        return Measured(age, f"{kind.label}, last on {found.performed_date}.")


for _probe_id, _kind in _IN_DAYS.items():
    _register(_probe_id, _kind, in_months=False)
for _probe_id, _kind in _IN_MONTHS.items():
    _register(_probe_id, _kind, in_months=True)


@probe("P-DRILL-RTO")
def measured_restore_time(_tenant_id: UUID) -> Measured:
    """Return the hours that the last successful restore drill took."""
    drill = activities.last(Kind.RESTORE_DRILL)
    if drill is None or drill.hours is None:
        return Measured(None, "No restore drill with its time was recorded.")
    return Measured(float(drill.hours), f"The restore drill of {drill.performed_date} took {drill.hours} hours.")
