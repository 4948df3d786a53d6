"""Studies, patients, what was refused, and the work that is done with them in the background."""

import datetime as dt
from typing import Final
from uuid import UUID

from common.clock import now
from compliance.evidence.arithmetic import counted, days_since
from compliance.evidence.reading import Measured
from compliance.evidence.registry import probe
from outbox import figures as outbox
from pacs import figures
from pacs.dicom.errors import ScanError
from pacs.dicom.scan import Scanner

PATIENCE: Final = dt.timedelta(days=2)
# What people mistake for images, or would like the portal to take for one.
_STRANGERS: Final = {
    "a Windows program": b"MZ" + bytes(254),
    "a ZIP archive": b"PK\x03\x04" + bytes(252),
    "a PDF": b"%PDF-1.7\n" + bytes(247),
    "a program in front of a DICOM mark": b"MZ" + bytes(126) + b"DICM" + b"\xff" * 124,
}


@probe("P-UNMATCHED")
def studies_without_decision(_tenant_id: UUID) -> Measured:
    """Count the studies for which nobody decided in two days whose they are."""
    number = figures.count_unmatched(received_before=now() - PATIENCE)
    return Measured(
        number, f"{counted(number, 'study waits', 'studies wait')} for a patient for more than {PATIENCE.days} days."
    )


@probe("P-PATIENT-COUNT")
def patients(_tenant_id: UUID) -> Measured:
    """Count the patients with images: it scales the impact."""
    number = figures.patients().with_images
    return Measured(number, f"{counted(number, 'patient has', 'patients have')} stored images.")


@probe("P-DOB-MISSING")
def patients_without_birth_date(_tenant_id: UUID) -> Measured:
    """Count the patients whose retention cannot be reckoned because their date of birth is missing."""
    found = figures.patients()
    return Measured(
        found.without_birth_date, f"{found.without_birth_date} of {found.with_images} patients have no date of birth."
    )


@probe("P-QUARANTINE")
def strangers_are_refused(_tenant_id: UUID) -> Measured:
    """Offer the scan, the one way in, what is no DICOM; all of it must be refused."""
    taken = [what for what, content in _STRANGERS.items() if not _is_refused(content)]
    if taken:
        return Measured(value=False, detail=f"The scan took {', '.join(taken)}.")
    return Measured(value=True, detail=f"The scan refused {', '.join(_STRANGERS)}.")


def _is_refused(content: bytes) -> bool:
    scanner = Scanner()
    try:
        scanner.feed(content)
        scanner.finish()
    except ScanError:
        return True
    return False


@probe("P-OPS-QUARANTINE")
def age_of_quarantine(_tenant_id: UUID) -> Measured:
    """Return for how many days the oldest refused file has been kept."""
    oldest = figures.oldest_refusal_at()
    if oldest is None:
        return Measured(0, "Nothing lies in quarantine.")
    return Measured(days_since(oldest), f"The oldest file in quarantine came on {oldest.date()}.")


@probe("P-OPS-OUTBOX")
def wait_of_background_work(_tenant_id: UUID) -> Measured:
    """Return for how many minutes the oldest due message has waited."""
    found = outbox.backlog(moment=now())
    minutes = int((now() - found.oldest_due_at).total_seconds() // 60) if found.oldest_due_at else 0
    return Measured(minutes, f"{counted(found.waiting, 'message is', 'messages are')} due.")


@probe("P-OPS-FAILED")
def abandoned_background_work(_tenant_id: UUID) -> Measured:
    """Count the messages that were tried to the end."""
    number = outbox.backlog(moment=now()).failed
    return Measured(number, f"{counted(number, 'message was', 'messages were')} given up.")
