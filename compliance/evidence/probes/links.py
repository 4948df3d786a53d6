"""How images leave by link."""

import datetime as dt
from typing import Final
from uuid import UUID

from accounts import figures as people
from audit import figures as audit
from common.clock import now
from compliance.evidence.arithmetic import counted, share
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from sharing import figures

POLICY: Final = dt.timedelta(days=30)
LOOK_BACK: Final = dt.timedelta(days=90)


@probe("P-SHARE-EXP")
def longest_life(_tenant_id: UUID) -> Measured:
    """Return the longest life in days that anybody gave to a link that is open."""
    links = figures.open_links()
    longest = max((link.life.days for link in links), default=0)
    return Measured(longest, f"The longest of {counted(len(links), 'open link', 'open links')} lives {longest} days.")


@probe("P-SHARE-NOVERIFY")
def links_for_nobody(_tenant_id: UUID) -> Measured:
    """Count the open links that ask for no proof of being the recipient: those without an address for the code."""
    links = figures.open_links()
    loose = [link for link in links if not link.recipient_email]
    return Measured(
        len(loose),
        f"{len(loose)} of {counted(len(links), 'open link', 'open links')} without an address that the code goes to.",
    )


@probe("P-SHARE-STALE")
def stale_links(_tenant_id: UUID) -> Measured:
    """Count the open links that live longer than the policy, or that nobody opened in a month."""
    links = figures.open_links()
    long = {link.id for link in links if link.life > POLICY}
    unopened = {link.id for link in links if link.used_sessions == 0 and now() - link.created_at > POLICY}
    return Measured(
        len(long | unopened),
        f"{len(long)} live longer than {POLICY.days} days, {len(unopened)} were not opened for {POLICY.days} days.",
    )


@probe("P-SHARE-REVOKE")
def links_of_leavers(_tenant_id: UUID) -> Measured:
    """Count the open links made by people who have left."""
    former = people.former_members()
    left = [link for link in figures.open_links() if link.created_by_id in former]
    return Measured(
        len(left), f"{counted(len(left), 'open link', 'open links')} made by people who are no longer members."
    )


@probe("P-MFA-EXT")
def openings_by_code(_tenant_id: UUID) -> Measured:
    """Say which share of the sessions of guests began with a one-time code."""
    found = figures.openings(since=now() - LOOK_BACK)
    value = share(found.by_code, found.sessions, of_what="sessions of guests in the last 90 days")
    return Measured(value, f"{found.by_code} of {found.sessions} sessions of guests began with a one-time code.")


@probe("P-SHARE-LOG")
def openings_in_the_log(_tenant_id: UUID) -> Measured:
    """Say whether the log has an event for each opening of a link."""
    since = now() - LOOK_BACK
    links = figures.links_of_sessions(since=since)
    if not links:
        raise UnmeasurableError("No link was opened in the last 90 days.")
    logged = audit.subjects_of("share.session-started", since=since)
    missing = sum(max(0, links.count(link) - logged[link]) for link in set(links))
    return Measured(
        missing == 0,
        f"{len(links) - missing} of {counted(len(links), 'opening is', 'openings are')} in the access log.",
    )


@probe("P-EXPORT-LOG")
def downloads_in_the_log(_tenant_id: UUID) -> Measured:
    """Say which share of the downloads in the log names who took what."""
    events = audit.details_of(["study.exported"], since=now() - dt.timedelta(days=365))
    named = [1 for _, actor_id, detail in events if actor_id.int and {"instances", "sha256"} <= detail.keys()]
    value = share(len(named), len(events), of_what="downloads in the last year")
    return Measured(
        value, f"{len(named)} of {len(events)} downloads name the person or link, the number of files and their digest."
    )
