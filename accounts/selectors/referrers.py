"""Reads of the address book of referrers (inside the tenant's scope)."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.errors import ReferrerNotFoundError
from accounts.models import Referrer

MAX_SHOWN = 200
MAX_OFFERED = 500


@dataclass(frozen=True, slots=True)
class ReferrerLine:
    """One entry of the address book."""

    id: UUID
    name: str
    practice: str
    email: str
    phone: str

    @property
    def label(self) -> str:
        return f"{self.name}, {self.practice}" if self.practice else self.name


def list_referrers(*, search: str = "", limit: int = MAX_SHOWN) -> list[ReferrerLine]:
    """List entries by name; `search` is part of a name, a practice or an address."""
    if "\0" in search:  # PostgreSQL takes no such text: no entry holds it
        return []
    rows = Referrer.objects.order_by("name", "id")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(practice__icontains=search) | Q(email__icontains=search))
    return [_line(row) for row in rows[:limit]]


def get_referrer(referrer_id: UUID) -> ReferrerLine:
    """Return one entry, or raise."""
    row = Referrer.objects.filter(id=referrer_id).first()
    if row is None:
        raise ReferrerNotFoundError
    return _line(row)


def find_referrer(*, email: str) -> ReferrerLine | None:
    """Return the entry of an address."""
    row = Referrer.objects.filter(email__iexact=email.strip()).first()
    return _line(row) if row else None


def _line(row: Referrer) -> ReferrerLine:
    return ReferrerLine(id=row.id, name=row.name, practice=row.practice, email=row.email, phone=row.phone)
