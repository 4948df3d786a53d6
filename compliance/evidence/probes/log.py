"""The access log: complete, and out of reach of whoever would like to change it."""

import datetime as dt
from typing import Final
from uuid import UUID

from audit import figures
from common.clock import now
from compliance.evidence.arithmetic import counted
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import Verdict
from pacs import figures as pacs
from sharing import figures as sharing

LOOK_BACK: Final = dt.timedelta(days=90)


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
    """Try to change and to delete the newest event; both must fail, and nothing is changed by trying."""
    try:
        is_refused = figures.refuses_change()
    except LookupError as reason:
        raise UnmeasurableError(str(reason)) from None
    if not is_refused:
        return Measured(value=False, detail="The database let an event be changed or deleted: its triggers are gone.")
    return Measured(
        value=True,
        detail="The database refused to change and to delete an event. A hash chain over the events is not kept yet.",
        verdict=Verdict.NEAR,
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
