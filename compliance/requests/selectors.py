"""Reads of requests and disclosures; inside the tenant's scope."""

import datetime as dt
import unicodedata
from typing import Final
from uuid import UUID

from common.clock import today
from compliance.models import AccessRequest, Disclosure
from compliance.requests.errors import RequestNotFoundError

ANSWER: Final = dt.timedelta(days=30)
ACCOUNT_YEARS: Final = 6
_KEY_LENGTH: Final = 200


def due_date(row: AccessRequest) -> dt.date:
    """Return the last day for an answer: thirty days, sixty where it was extended (164.524(b)(2))."""
    received: dt.date = row.received_date
    return received + ANSWER * (2 if row.is_extended else 1)


def get_request(request_id: UUID) -> AccessRequest:
    """Return one request, or raise."""
    row: AccessRequest | None = AccessRequest.objects.filter(id=request_id).first()
    if row is None:
        raise RequestNotFoundError
    return row


def list_requests(*, only_open: bool = False) -> list[AccessRequest]:
    """List requests: the open ones first, the longest waiting on top."""
    rows = list(AccessRequest.objects.order_by("received_date", "number"))
    waiting = [row for row in rows if row.state == AccessRequest.State.OPEN]
    return waiting if only_open else waiting + [row for row in reversed(rows) if row.state != AccessRequest.State.OPEN]


def list_disclosures(*, limit: int = 200) -> list[Disclosure]:
    """List disclosures, the newest first."""
    return list(Disclosure.objects.order_by("-disclosed_date", "-id")[:limit])


def count_disclosures() -> int:
    """Count every disclosure on record."""
    return int(Disclosure.objects.count())


def account_of(patient_name: str) -> list[Disclosure]:
    """List what was disclosed about a patient in the six years before today, the newest first (164.528(a)(1))."""
    day = today()
    since = day.replace(year=day.year - ACCOUNT_YEARS, day=min(day.day, 28))
    key = key_of(patient_name)
    # What was recorded before names were composed has the marks apart.
    keys = {key, unicodedata.normalize("NFD", key)[:_KEY_LENGTH]}
    rows = Disclosure.objects.filter(patient_key__in=keys, disclosed_date__gte=since)
    return list(rows.order_by("-disclosed_date", "-id"))


def key_of(patient_name: str) -> str:
    """Return what a name is found by: case and spaces do not matter, nor whether marks are apart from their letters."""
    return unicodedata.normalize("NFC", " ".join(patient_name.casefold().split()))[:_KEY_LENGTH]
