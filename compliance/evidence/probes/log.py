"""The access log: complete, and out of reach of whoever would like to change it."""

import datetime as dt
from typing import Final
from uuid import UUID

from audit import figures
from audit import selectors as audit
from common.clock import now
from compliance.evidence.arithmetic import counted
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import Verdict
from pacs import figures as pacs
from sharing import figures as sharing

LOOK_BACK: Final = dt.timedelta(days=90)
SIGNED_WITHIN: Final = dt.timedelta(hours=2)
VERIFIED_WITHIN: Final = dt.timedelta(days=2)


@probe("P-AUDIT-ON")
def every_deed_is_logged(_tenant_id: UUID) -> Measured:
    """Compare what happened with what the log says: links made and ended, studies stored and binned."""
    since = now() - LOOK_BACK
    missing = {
        "links made": len(sharing.made_links(since=since) - figures.subjects_of("share.created", since=since).keys()),
        "links ended": len(
            sharing.revoked_links(since=since) - figures.subjects_of("share.revoked", since=since).keys()
        ),
        "studies stored": len(pacs.received_since(since) - figures.studies_of("study.stored", since=since)),
        "studies binned": len(pacs.binned_since(since) - figures.studies_of("study.binned", since=since)),
    }
    lost = {what: number for what, number in missing.items() if number}
    if lost:
        return Measured(
            value=False,
            detail="Without an event: " + ", ".join(f"{number} {what}" for what, number in lost.items()) + ".",
        )
    return Measured(
        value=True, detail="Every link made or ended and every study stored or binned in 90 days has its event."
    )


@probe("P-AUDIT-CHAIN")
def log_cannot_be_changed(_tenant_id: UUID) -> Measured:
    """Say what the last verification of the signed log found; before, try to change the newest event, in vain."""
    try:
        is_refused = figures.refuses_change()
    except LookupError as reason:
        raise UnmeasurableError(str(reason)) from None
    if not is_refused:
        return Measured(value=False, detail="The database let an event be changed or deleted: its triggers are gone.")
    state = audit.log_state()
    if state is None or state.checkpoint_at is None:
        return Measured(value=True, detail="The log is not signed yet: does a worker run?", verdict=Verdict.NEAR)
    if state.failure:
        where = "" if state.bad_index is None else f" First bad index: {state.bad_index}."
        return Measured(value=False, detail=f"The log is not what was signed: {state.failure}.{where}")
    return _signed(state)


def _signed(state: audit.LogState) -> Measured:
    """Say how old the last checkpoint and the last verification of a log are in which nothing was found wrong."""
    moment = now()
    if state.checkpoint_at is None or moment - state.checkpoint_at > SIGNED_WITHIN:
        return Measured(value=True, detail="The last checkpoint is older than two hours.", verdict=Verdict.NEAR)
    if state.verified_at is None or moment - state.verified_at > VERIFIED_WITHIN:
        return Measured(value=True, detail="The log was not verified within two days.", verdict=Verdict.NEAR)
    entries = counted(state.verified_size, "entry", "entries")
    return Measured(
        value=True,
        detail=f"{entries} verified on {state.verified_at:%Y-%m-%d}, each with its signed place in a Merkle tree.",
    )


@probe("P-AUDIT-RET")
def years_kept(_tenant_id: UUID) -> Measured:
    """Return for how many years events are kept: without an end while the database refuses to delete one."""
    span = figures.span()
    if span is None:
        raise UnmeasurableError("The access log is empty.")
    days = counted((now() - span[0]).days, "day", "days")
    if figures.refuses_change():
        return Measured("no end", f"Nothing deletes events; the oldest is {days} old.", Verdict.PASS)
    return Measured(0, "Events can be deleted.")
