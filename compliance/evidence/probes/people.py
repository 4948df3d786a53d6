"""Who may sign in, and how well that is guarded."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from accounts import access, figures
from accounts.figures import Person
from common.clock import now
from compliance.evidence.arithmetic import counted, days_since, share
from compliance.evidence.reading import Measured
from compliance.evidence.registry import probe

PRIVILEGED: Final = frozenset({"owner", "administrator"})
CLINICAL: Final = frozenset({"technician", "radiologist", "dentist", "assistant"})
DORMANT_DAYS: Final = 45
# Beyond a workplace, a second one and a telephone.
PARALLEL_SESSIONS: Final = 3
_GENERIC: Final = re.compile(
    r"^(admin|administrator|assistant|clinic|dentist|desk|front-?desk|front-?office|guest|imaging|info|mail|office|"
    r"practice|praxis|reception|scanner|staff|team|test|user|workstation|x-?ray)\d*$"
)


def _privileged(people: Iterable[Person]) -> list[Person]:
    return [person for person in people if person.roles & PRIVILEGED]


@probe("P-MFA-PCT")
def share_with_second_factor(_tenant_id: UUID) -> Measured:
    """Say which share of the people has a second factor."""
    people = figures.people()
    enrolled = sum(person.has_factor for person in people)
    value = share(enrolled, len(people), of_what="people")
    return Measured(
        value, f"{enrolled} of {counted(len(people), 'person has', 'people have')} enrolled a second factor."
    )


@probe("P-MFA-ADMIN")
def share_of_privileged_with_second_factor(_tenant_id: UUID) -> Measured:
    """Say which share of owners and administrators has a second factor."""
    people = _privileged(figures.people())
    enrolled = sum(person.has_factor for person in people)
    value = share(enrolled, len(people), of_what="owners or administrators")
    return Measured(value, f"{enrolled} of {len(people)} owners and administrators enrolled a second factor.")


@probe("P-DORMANT")
def dormant_accounts(_tenant_id: UUID) -> Measured:
    """Count the accounts that nobody has signed in to for a long time."""
    dormant = [person for person in figures.people() if days_since(person.last_seen_at) >= DORMANT_DAYS]
    return Measured(
        len(dormant), f"{counted(len(dormant), 'account', 'accounts')} unused for {DORMANT_DAYS} days or more."
    )


@probe("P-SHAREDACCT")
def shared_accounts(tenant_id: UUID) -> Measured:
    """Count the accounts that several people seem to use: by their names, or by sessions at the same time."""
    people = figures.people()
    generic = {person.id for person in people if _GENERIC.match(person.email.partition("@")[0])}
    sessions = figures.parallel_sessions(tenant_id=tenant_id, idle=dt.timedelta(minutes=15))
    parallel = {user_id for user_id, number in sessions.items() if number > PARALLEL_SESSIONS}
    detail = f"{len(generic)} with nobody's name; {len(parallel)} with more than {PARALLEL_SESSIONS} sessions at once."
    return Measured(len(generic | parallel), detail)


@probe("P-ADMIN-COUNT")
def share_of_administrators(_tenant_id: UUID) -> Measured:
    """Say which share of the people administers the portal."""
    people = figures.people()
    administrators = _privileged(people)
    value = share(len(administrators), len(people), of_what="people")
    return Measured(value, f"{len(administrators)} of {len(people)} people are owners or administrators.")


@probe("P-PRIV-SEPARATE")
def administrators_in_daily_work(_tenant_id: UUID) -> Measured:
    """Count those who administer and work with patients under the same account."""
    both = [person for person in _privileged(figures.people()) if person.roles & CLINICAL]
    return Measured(
        len(both), f"{counted(len(both), 'account', 'accounts')} with an administrative and a clinical role."
    )


@probe("P-EXPORT-PERM")
def share_who_may_export(_tenant_id: UUID) -> Measured:
    """Say which share of the people may take originals away."""
    people = figures.people()
    roles = set(access.matrix()["actions"]["study.download"])
    able = [person for person in people if person.roles & roles]
    value = share(len(able), len(people), of_what="people")
    return Measured(value, f"{len(able)} of {len(people)} people have a role that may download studies.")


@probe("P-SECOFF")
def officials_assigned(_tenant_id: UUID) -> Measured:
    """Say whether somebody active holds the role that stands for the security and the privacy official."""
    holders = [person for person in figures.people() if "compliance_officer" in person.roles]
    return Measured(
        bool(holders),
        f"{counted(len(holders), 'active person holds', 'active people hold')} the role of compliance officer.",
    )


@probe("P-BREAKGLASS")
def emergency_access(_tenant_id: UUID) -> Measured:
    """Say whether some role may break the glass, and whether every use was reviewed within a week."""
    roles = access.matrix()["actions"].get("emergency.open", [])
    found = figures.emergencies(opened_before=now() - dt.timedelta(days=7))
    if not roles:
        return Measured(value=False, detail="No role may break the glass.")
    return Measured(
        found.unreviewed == 0,
        f"{counted(found.total, 'use', 'uses')} of emergency access, {found.unreviewed} without a review after 7 days.",
    )
