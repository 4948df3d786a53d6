"""What this package announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationMade(Event):
    """Somebody was invited, or is to be mailed again."""

    topic: ClassVar[str] = "accounts.invitation-made"
    invitation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetAsked(Event):
    """Somebody forgot a password, or lost a phone and every printed code: `why` is `forgotten` or `factor`."""

    topic: ClassVar[str] = "accounts.password-reset-asked"
    reset_id: UUID
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """A password or a factor of a person changed: `what` says which. Its owner hears of it, in case it was another."""

    topic: ClassVar[str] = "accounts.account-changed"
    user_id: UUID
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOpened(Event):
    """Somebody broke the glass."""

    topic: ClassVar[str] = "accounts.emergency-opened"
    emergency_id: UUID
